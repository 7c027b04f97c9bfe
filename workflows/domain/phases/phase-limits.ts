/** The reason of a planning session whose last attempt ran out of turns or time. */
export const outOfLimits = 'phase_out_of_limits';

/** Whether a session ended at a limit of money, turns or time, and not by a verdict about its result. */
export const endedAtLimit = (reason: string | undefined): boolean =>
  reason !== undefined &&
  [outOfLimits, 'max_cost_reached', 'max_turns_reached', 'max_duration_reached'].includes(reason);
