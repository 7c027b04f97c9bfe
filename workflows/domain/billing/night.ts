/** What happens at night to a run that has spent its limit. */
export interface NightPolicy {
  /** Dollars that its limit grows by, once a night; 0: it waits for a person. */
  raise_usd: number;
  /** Hours of the night as HH:MM in the time zone; a night may pass midnight. */
  from: string;
  until: string;
  time_zone: string;
}

/** Who raises a limit at night, in events. */
export const nightActor = 'night policy';

/** The night in which a time is, as the day on which it began; null by day. */
export function nightOf(at: Date, { from, until, time_zone }: Omit<NightPolicy, 'raise_usd'>): string | null {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: time_zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const clock = `${parts.hour}:${parts.minute}`;
  const today = `${parts.year}-${parts.month}-${parts.day}`;
  if (from < until) return clock >= from && clock < until ? today : null;
  if (clock >= from) return today;
  if (clock >= until) return null;
  const before = new Date(`${today}T12:00:00Z`);
  before.setUTCDate(before.getUTCDate() - 1);
  return before.toISOString().slice(0, 10);
}

/** What a run at its limit gets: a higher limit for the night's key, or nothing, with the reason. */
export function nightRaise(
  at: Date,
  policy: NightPolicy,
  raisedIn: string | null,
): { night: string; micros: number } | null {
  if (policy.raise_usd <= 0) return null;
  const night = nightOf(at, policy);
  return night === null || night === raisedIn ? null : { night, micros: Math.round(policy.raise_usd * 1e6) };
}
