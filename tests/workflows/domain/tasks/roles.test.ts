import { analysisOfType, withinRole } from '#workflows/domain/tasks/analysis.ts';
import { retriesOf } from '#workflows/domain/tasks/retry.ts';

describe('the role of a phase', () => {
  const writes = analysisOfType('implement_feature');
  test.each([
    ['PHASE_REQUIREMENTS', 'exploration'],
    ['PHASE_DESIGN', 'exploration'],
    ['PHASE_TESTING', 'validation'],
    ['PHASE_BLOCKED', 'exploration'],
    ['PHASE_IMPLEMENTATION', 'implementation'],
    ['PHASE_DEPLOYMENT', 'implementation'],
  ])('in %s a task that a model calls implementation is %s', (phase, mode) => {
    expect(withinRole(phase, writes)).toMatchObject({
      execution_mode: mode,
      requires_code_changes: mode === 'implementation',
    });
  });

  test('what only reads stays as it is', () => {
    const reads = analysisOfType('research');
    expect(withinRole('PHASE_DESIGN', reads)).toBe(reads);
  });
});

test('a task that names its retries has them; another one has the configured number', () => {
  expect(retriesOf({ max_retries: 10 }, 3)).toBe(10);
  expect(retriesOf({ max_retries: 0 }, 3)).toBe(0);
  expect(retriesOf({ max_retries: 3 }, 1)).toBe(1);
});
