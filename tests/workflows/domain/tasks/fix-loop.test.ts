import { fixTexts, nextRound, phasesOfFix, spentRounds } from '#workflows/domain/tasks/fix-loop.ts';

const inRound = (round: number) => ({ execution_config: { fix: { role: 'recheck', of: 'task', round } } });
const plain = { execution_config: {} };

test('[EXEC-39] a failed check is fixed until the rounds are spent, and then a person is asked', () => {
  expect(nextRound(plain, 'validation_rounds_spent', 2)).toBe('fix');
  expect(nextRound(inRound(1), 'reported_failure', 2)).toBe('fix');
  expect(nextRound(inRound(2), 'reported_failure', 2)).toBe('spent');
  expect(spentRounds('The test fails.', 2)).toBe(
    'The test fails. Tasks have tried to fix it 2 times, which is the limit (fix_rounds): it needs a person.',
  );
});

test.each(['stopped', 'marked_failed', 'workflow_gone', 'max_cost_reached', 'refusal'])(
  'no task begins by itself after %s',
  (reason) => expect(nextRound(plain, reason, 5)).toBe('none'),
);

test('no task begins by itself where a project wants none', () =>
  expect(nextRound(plain, 'reported_failure', 0)).toBe('none'));

test('what only reads is fixed and checked in its own phase', () => {
  expect(phasesOfFix('PHASE_DESIGN')).toEqual({ fix: 'PHASE_DESIGN', recheck: 'PHASE_DESIGN' });
  expect(phasesOfFix('PHASE_TESTING')).toEqual({ fix: 'PHASE_IMPLEMENTATION', recheck: 'PHASE_TESTING' });
});

test('a long title stays within the limit of a title', () =>
  expect(fixTexts('gate', 'x'.repeat(900), undefined).fix.title).toHaveLength(500));
