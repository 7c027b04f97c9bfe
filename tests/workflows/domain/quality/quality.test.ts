import fc from 'fast-check';
import { evaluateGate, overallOf } from '#workflows/domain/quality/gate.ts';
import { predict } from '#workflows/domain/quality/prediction.ts';

const limits = { coverage: 80, lint: 0, complexity: 10, overall: 0.7 };
const failed = (values: Parameters<typeof evaluateGate>[0]) =>
  evaluateGate(values, limits)
    .filter(({ passed }) => !passed)
    .map(({ metric_type }) => metric_type);

test('coverage of 79 fails and of 80 passes; what nothing measured fails', () => {
  expect(failed({ coverage: 80, lint: 0, complexity: 10 })).toEqual([]);
  expect(failed({ coverage: 79, lint: 0, complexity: 10 })).toEqual(['coverage']);
  expect(failed({ coverage: 80, lint: 1, complexity: 11 })).toEqual(['lint', 'complexity']);
  expect(failed({ coverage: 80, lint: 0 })).toEqual(['complexity', 'overall']);
  expect(failed({ coverage: 80, lint: 0, complexity: 10, overall: 0.69 })).toEqual(['overall']);
  expect(evaluateGate({}, limits).map(({ reason }) => reason)).toContain('coverage: nothing has measured it');
});

test('work that meets each limit is whole, and worse work never counts more', () => {
  expect(overallOf({ coverage: 80, lint: 0, complexity: 10 }, limits)).toBe(1);
  const value = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(value, value, value, value, (coverage, lint, complexity, more) => {
      const of = (c: number, l: number, x: number) => overallOf({ coverage: c, lint: l, complexity: x }, limits) ?? -1;
      const now = of(coverage, lint, complexity);
      expect(now).toBeGreaterThanOrEqual(0);
      expect(now).toBeLessThanOrEqual(1);
      expect(of(coverage, lint + more, complexity)).toBeLessThanOrEqual(now);
      expect(of(coverage, lint, complexity + more)).toBeLessThanOrEqual(now);
      expect(of(Math.min(100, coverage + more), lint, complexity)).toBeGreaterThanOrEqual(now);
    }),
  );
});

test.each([
  ['nothing', 0, 0, { score: 0.5, confidence: 0.1, risk: 'high' }],
  ['five successes alone', 5, 0, { score: 0.54, confidence: 0.7, risk: 'medium' }],
  ['three patterns alone', 0, 3, { score: 0.32, confidence: 0.7, risk: 'high' }],
  ['five successes and three patterns', 5, 3, { score: 0.86, confidence: 1, risk: 'low' }],
  ['one success and one pattern', 1, 1, { score: 0.86, confidence: (0.2 + 1 / 3) / 2, risk: 'high' }],
])('a prediction from %s', (_name, tasks, patterns, wanted) => {
  const found = predict({
    similar: Array.from({ length: tasks }, () => ({ similarity: 0.9, success: true })),
    patterns: Array.from({ length: patterns }, () => ({ confidence: 0.8, indicators: 7 })),
  });
  expect(found.score).toBeCloseTo(wanted.score, 9);
  expect(found.confidence).toBeCloseTo(wanted.confidence, 9);
  expect(found.risk).toBe(wanted.risk);
});
