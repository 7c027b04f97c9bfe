/** The reasons after which a fresh attempt may succeed. Messages are free text, so they decide nothing. */
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
  'reported_failure',
  'workflow_failed',
  'agent_replaced',
]);

/**
 * Whether a fresh attempt may succeed (EXEC-06): yes for a run that went in a wrong direction, no for a missing
 * permission or an impossible request.
 */
export const mayRetry = (reason: string): boolean => retryable.has(reason);

/** Retries of a task that was created without a number of its own: the default of its column. */
const usualRetries = 3;

/** The retries that a task has. @param configured the number for tasks without one of their own. */
export const retriesOf = (task: { max_retries: number }, configured: number): number =>
  task.max_retries === usualRetries ? configured : task.max_retries;
