/** EXEC-32: seconds between two restarts of a place, and how many an hour brings before a person is asked. */
export interface RestartLimits {
  cooldown: number;
  per_hour: number;
}

export type RestartVerdict = { restart: true } | { restart: false; escalate: boolean; reason: string };

/**
 * Whether a place may be restarted now.
 * @param ages seconds since each of its earlier restarts, those of the agents that it replaced included.
 */
export function mayRestart(ages: readonly number[], { cooldown, per_hour }: RestartLimits): RestartVerdict {
  const recent = ages.filter((age) => age < 3600);
  const newest = Math.min(...recent, Infinity);
  if (newest < cooldown)
    return {
      restart: false,
      escalate: false,
      reason: `It was restarted ${Math.round(newest)} s ago. The next restart is possible after ${cooldown} s.`,
    };
  if (recent.length >= per_hour)
    return {
      restart: false,
      escalate: true,
      reason: `It was restarted ${recent.length} times within an hour. A person looks at it: restart it by hand, or end it.`,
    };
  return { restart: true };
}
