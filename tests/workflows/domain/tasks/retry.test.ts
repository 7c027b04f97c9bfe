import { mayRetry } from '#workflows/domain/tasks/retry.ts';

test('[EXEC-06] the code of a failure decides whether another attempt may help', () => {
  for (const reason of ['stagnation', 'guardian_stop', 'max_turns_reached', 'sandbox_lost', 'completion_refused'])
    expect(mayRetry(reason)).toBe(true);
  for (const reason of ['invalid_request', 'max_cost_reached', 'step_failed', 'refusal', 'validation_rounds_spent'])
    expect(mayRetry(reason)).toBe(false);
});
