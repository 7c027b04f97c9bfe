import { measuredCoverage } from '#workflows/domain/agent/coverage.ts';

test.each<[runner: string, output: string, percent: number | undefined]>([
  [
    'Jest',
    'File      | % Stmts | % Branch | % Funcs | % Lines | Uncovered\n----------|---------|\nAll files |   85.71 |    50 |     100 |   83.3 |  \n a.js | 1 | 2 | 3 | 4 |',
    83.3,
  ],
  ['nyc', 'Statements   : 90% ( 9/10 )\nBranches     : 50% ( 1/2 )\nLines        : 85.71% ( 6/7 )\n', 85.71],
  ['node --test', 'ℹ file | line % | branch % | funcs %\nℹ all files |  92.31 | 100.00 | 80.00 |\n', 92.31],
  ['coverage.py', 'Name    Stmts   Miss  Cover\n-----\na.py  10 1 90%\nTOTAL      20      3    85%\n', 85],
  ['go tool cover', 'a.go:3:\tF\t50.0%\ntotal:\t(statements)\t81.2%\n', 81.2],
  ['go test of one package', 'ok  \tx/a\t0.003s\tcoverage: 66.7% of statements\n', 66.7],
  ['tarpaulin', '85.71% coverage, 6/7 lines covered, +0.00% change\n', 85.71],
  ['SimpleCov', 'Line Coverage: 97.5% (39 / 40)\n', 97.5],
  ['go test of two packages', 'coverage: 60% of statements\ncoverage: 90% of statements\n', undefined],
  ['a runner without coverage', '12 tests passed, 100% of them\n', undefined],
  ['nonsense', 'Lines : 850% ( 6/7 )\n', undefined],
])('[EXEC-18] the coverage that %s has printed is read, and none is made up', (_runner, output, percent) => {
  expect(measuredCoverage(output)).toBe(percent);
});
