import { feedback } from '#workflows/domain/phases/evaluate.ts';
import { exampleOutput, examplePhases, judge } from '#tests/support/phases.ts';

const [first, second] = examplePhases.requirements.requirements;
/** The two example requirements, the second one changed. */
const withSecond = (changes: Record<string, unknown>) => ({ requirements: [first, { ...second, ...changes }] });

describe('[PLAN-12] requirements', () => {
  test.each<[string, Record<string, unknown>, number]>([
    ['no requirements earn nothing at all', { requirements: [] }, 0],
    ['no feature name earns half', { feature_name: '' }, 0.975], // .05 × .5
    ['one without priority is incomplete', withSecond({ priority: '' }), 0.9], // .20 × 1/2
    ['one without a keyword costs normative and ears', withSecond({ text: 'Escape formulas.' }), 0.825], // .20 × 1/2 + .15 × 1/2
    ['a keyword without trigger earns half of ears', withSecond({ text: 'THE SYSTEM SHALL escape formulas.' }), 0.9625], // .15 × 1/2 × .5
    ['WHERE triggers', withSecond({ text: 'WHERE formulas occur, THE SYSTEM MUST NOT run them.' }), 1],
    ['one criterion is not enough', withSecond({ acceptance_criteria: ['A'] }), 0.9], // .20 × 1/2
    ['the whole id is checked, not its prefix', withSecond({ id: 'REQ-1' }), 0.975], // .05 × 1/2
    ['no assumptions earn half', { assumptions: [] }, 0.975], // .05 × .5
    ['nothing out of scope earns half', { out_of_scope: [] }, 0.975],
    ['no traceability earns half', { traceability: {} }, 0.975],
  ])('%s', (_title, changes, score) => {
    expect(judge('requirements', changes).score).toBe(score);
  });
});

test('[PLAN-11] a requirement without a keyword is rejected, "Shallow copy" too', () => {
  const { vetoes, passed } = judge('requirements', withSecond({ text: 'Shallow copy' }));
  expect(passed).toBe(false);
  expect(vetoes).toEqual([
    {
      code: 'no_keyword',
      message: 'REQ-EXPORT-SEC-001 has none of the keywords SHALL, MUST, SHOULD, MAY.',
      ids: ['REQ-EXPORT-SEC-001'],
    },
  ]);
});

test('[PLAN-11] vague wording costs no points but is reported', () => {
  const verdict = judge('requirements', withSecond({ text: 'THE SYSTEM SHALL escape =, + etc.' }));
  expect(verdict.passed).toBe(true);
  expect(feedback(verdict)).toContain(
    'REQ-EXPORT-SEC-001 has SHALL without WHEN, WHILE, IF or WHERE; REQ-EXPORT-SEC-001 says "etc", which is vague',
  );
});

test('[PLAN-11] a duplicate requirement is rejected by its id', () => {
  const { vetoes } = judge('requirements', { requirements: [first, first] });
  expect(vetoes).toEqual([
    {
      code: 'duplicate_id',
      message: 'The id REQ-EXPORT-FUNC-001 occurs more than once.',
      ids: ['REQ-EXPORT-FUNC-001'],
    },
  ]);
});

test('[PLAN-13] requirements may depend neither on each other in a circle nor on what does not exist', () => {
  const { vetoes } = judge('requirements', {
    requirements: [{ ...first, dependencies: [second?.id, 'REQ-EXPORT-FUNC-009'] }, second],
  });
  expect(vetoes.map((veto) => veto.message)).toEqual([
    'REQ-EXPORT-FUNC-001 depends on REQ-EXPORT-FUNC-009, which does not exist.',
    'The requirements depend on each other: REQ-EXPORT-FUNC-001 -> REQ-EXPORT-SEC-001 -> REQ-EXPORT-FUNC-001.',
  ]);
});

test('[PLAN-08] acceptance criteria are numbered, whatever ids they came with', () => {
  const given = exampleOutput(
    'requirements',
    withSecond({
      acceptance_criteria: [
        { id: 'AC-1', text: 'A' },
        { id: 'AC-1', text: 'B' },
      ],
    }),
  );
  expect(given.requirements[1]?.acceptance_criteria.map((criterion) => criterion.id)).toEqual([
    'REQ-EXPORT-SEC-001.1',
    'REQ-EXPORT-SEC-001.2',
  ]);
});

test('[PLAN-08] acceptance criteria are sentences or objects, and keep their check', () => {
  expect(exampleOutput('requirements').requirements.map((item) => item.acceptance_criteria)).toEqual([
    [
      { id: 'REQ-EXPORT-FUNC-001.1', text: 'Three tasks give four lines', check: 'node --test test/export.test.js' },
      { id: 'REQ-EXPORT-FUNC-001.2', text: 'The content type is text/csv', check: 'node --test test/export.test.js' },
    ],
    [
      { id: 'REQ-EXPORT-SEC-001.1', text: '"=1+1" becomes "\'=1+1"' },
      { id: 'REQ-EXPORT-SEC-001.2', text: 'A harmless title is left alone' },
    ],
  ]);
});
