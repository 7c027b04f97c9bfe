/** Error texts after which a retry never helps. */
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
 * Whether a fresh attempt may succeed (EXEC-06): yes for a run that went in a wrong direction, no for a missing
 * permission or an impossible request.
 */
export function mayRetry(reason: string, message: string): boolean {
  return retryable.has(reason) && !never.test(message);
}

/** Retries of a task that was created without a number of its own: the default of its column. */
const usualRetries = 3;

/** The retries that a task has. @param configured the number for tasks without one of their own. */
export const retriesOf = (task: { max_retries: number }, configured: number): number =>
  task.max_retries === usualRetries ? configured : task.max_retries;
