/** Why an attempt ended, as far as it decides what comes next. */
const never =
  /permission|access denied|authentication|authorization|unauthori[sz]ed|syntax error|invalid argument|not found|does not exist|already exists|duplicate key|constraint violation|immutable|read-only|quota|rate limit exceeded/i;

const retryable = new Set([
  'stagnation',
  'malformed_input',
  'command_timeouts',
  'output_limit',
  'completion_refused',
  'max_iterations_reached',
  'idle_timeout',
  'guardian_stop',
  'sandbox_lost',
  'context_too_large',
  'max_turns_reached',
  'max_duration_reached',
  'task_timeout',
  'validation_failed',
  'workflow_failed',
]);

/**
 * EXEC-06: a fresh attempt helps against a run that lost its way, not against one that may not or cannot.
 * @param reason the run's stop reason, or an error type.
 */
export function mayRetry(reason: string, message: string): boolean {
  return retryable.has(reason) && !never.test(message);
}
