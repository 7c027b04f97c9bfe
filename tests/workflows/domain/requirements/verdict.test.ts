import { type CriterionVerdict, verdictOn } from '#workflows/domain/requirements/verdict.ts';

const verdict = (criterion_id: string, met: boolean, confidence = 0.9): CriterionVerdict => ({
  criterion_id,
  met,
  confidence,
  evidence: 'npm test',
  reasoning: 'Seen.',
});

describe('[PLAN-15] the verdict on a criterion', () => {
  test('is the last that a review gave on it', () => {
    const reviews = [
      { criteria: [verdict('A.1', false, 0.4), verdict('A.2', true)] },
      { criteria: [] },
      { criteria: [verdict('A.1', true)] },
    ];
    expect(verdictOn('A.1', reviews)).toEqual({ met: true, confidence: 0.9, evidence: 'npm test', reasoning: 'Seen.' });
    expect(verdictOn('A.1', reviews.slice(0, 2))).toMatchObject({ met: false, confidence: 0.4 });
  });

  test('is unmet with confidence 0 where reviews judge others and leave it out', () => {
    expect(verdictOn('A.3', [{ criteria: [verdict('A.1', true)] }])).toMatchObject({ met: false, confidence: 0 });
  });

  test('is none where no review judges criteria one by one', () => {
    expect(verdictOn('A.1', [{ criteria: [] }])).toBeNull();
    expect(verdictOn('A.1', [])).toBeNull();
  });
});
