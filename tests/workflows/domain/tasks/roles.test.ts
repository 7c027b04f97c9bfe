import { analysisOfType, roleOfPhase, roleOfRun, withinRole } from '#workflows/domain/tasks/analysis.ts';
import { retriesOf } from '#workflows/domain/tasks/retry.ts';

test.each([
  ['PHASE_BACKLOG', 'implementer'],
  ['PHASE_REQUIREMENTS', 'planner'],
  ['PHASE_DESIGN', 'planner'],
  ['PHASE_IMPLEMENTATION', 'implementer'],
  ['PHASE_TESTING', 'validator'],
  ['PHASE_DEPLOYMENT', 'implementer'],
  ['PHASE_DONE', 'coordinator'],
  ['PHASE_BLOCKED', 'diagnostician'],
  ['PHASE_OF_A_PROJECT', 'implementer'],
])('[EXEC-11] the agent of a task in %s is its %s', (phase, role) => {
  expect(roleOfPhase(phase)).toBe(role);
  expect(roleOfRun({ kind: 'task', phase })).toBe(role);
});

test('[EXEC-11] a run that plans is a planner, one that reviews a validator, whatever its phase', () => {
  expect(roleOfRun({ kind: 'phase', phase: 'design' })).toBe('planner');
  expect(roleOfRun({ kind: 'validation', phase: 'PHASE_IMPLEMENTATION' })).toBe('validator');
  expect(roleOfRun({ kind: 'explore', phase: null })).toBeNull();
});

describe('[EXEC-11] the role of a phase', () => {
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
