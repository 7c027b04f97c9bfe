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

const dateAndTime: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
};

/** The day (YYYY-MM-DD) and the time (HH:MM) that a clock of the time zone shows. */
function clockOf(at: Date, time_zone: string): { today: string; clock: string } {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: time_zone, ...dateAndTime }).formatToParts(at);
  const { year, month, day, hour, minute } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return { today: `${year}-${month}-${day}`, clock: `${hour}:${minute}` };
}

/** The night in which a time is, as the day on which it began; null by day. */
export function nightOf(at: Date, { from, until, time_zone }: Omit<NightPolicy, 'raise_usd'>): string | null {
  const { today, clock } = clockOf(at, time_zone);
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

const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const minuteMs = 60_000;

/** The next time at which a run that waits at its limit gets a higher one; null: never. */
export function nextRaise(at: Date, policy: NightPolicy, raisedIn: string | null): Date | null {
  const minute = Math.floor(at.getTime() / minuteMs) * minuteMs;
  const away = minutesOf(policy.from) - minutesOf(clockOf(at, policy.time_zone).clock);
  // Where the clocks change, the hour may come earlier, later, or not at all: then the night begins with the change.
  const times = [0, 1, 2].flatMap((day) =>
    [-60, -30, 0, 30, 60].map((shift) => minute + (away + day * 1440 + shift) * minuteMs),
  );
  for (const time of times) {
    const next = new Date(time);
    if (time > at.getTime() && nightRaise(next, policy, raisedIn)) return next;
  }
  return null;
}
