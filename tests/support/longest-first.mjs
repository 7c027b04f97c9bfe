import sequencer from '@jest/test-sequencer';

const Sequencer = sequencer.default ?? sequencer;

/** Files that run long though they are short: stacks of their own, or tests that run other tests. */
const long = [
  'sandbox/ordinary-user',
  'acceptance/operations',
  'extensions/planned-phase',
  'evaluation/model-faults',
  'evaluation/requests',
  'chaos/kills',
  'chaos/agent-steps',
  'chaos/fallen-steps',
  'environments/environments',
  'repositories/stack',
  'e2e/visual',
  'chaos/refused-steps',
  'chaos/survey',
  'chaos/deploys',
  'real/two-servers',
];

/**
 * Begins with the files that take longest, so that no worker ends the run alone. Without times of an earlier run, as in
 * CI, Jest goes by the size of a file; tests of the stack then come before unit tests, which fill the gaps.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path, context }) =>
      long.some((name) => path.includes(name)) ? 0 : context.config.displayName?.name === 'stack' ? 1 : 2;
    const sorted = super.sort(tests);
    return sorted.every((test) => test.duration !== undefined)
      ? sorted
      : sorted
          .map((test, i) => [rank(test), i, test])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1])
          .map(([, , test]) => test);
  }
}
