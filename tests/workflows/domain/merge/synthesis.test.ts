import { strategyOf, synthesise } from '#workflows/domain/merge/synthesis.ts';

const sources = [
  { id: 'TSK-1', result: { a: 1, b: 2 } },
  { id: 'TSK-2', result: { b: 3 } },
];

describe('[MERGE-04] the results of several tasks', () => {
  test.each([
    ['combine', { a: 1, b: 2, _source_results: { 'TSK-1': { a: 1, b: 2 }, 'TSK-2': { b: 3 } } }],
    ['union', { a: 1, b: 3 }],
    ['intersection', { b: 3 }],
  ])('%s', (name, merged) => {
    expect(synthesise(strategyOf(name), sources)).toEqual(merged);
  });

  test('a name of no strategy, and none, mean combine', () => {
    expect([strategyOf(null), strategyOf('majority')]).toEqual(['combine', 'combine']);
  });
});
