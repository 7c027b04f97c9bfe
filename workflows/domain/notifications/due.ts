import { DateTime } from 'luxon';
import type { NoticeSettings, Severity } from './kinds.ts';

/** The time of the day at which digests are sent, in the person's time zone. */
const digestHour = 9;

interface Waiting {
  severity: Severity;
  created_at: Date;
}

function at(day: DateTime, clock: string): DateTime {
  const [hour, minute] = clock.split(':').map(Number);
  return day.set({ hour, minute, second: 0, millisecond: 0 });
}

/** The end of the quiet hours in which a time is; the time itself outside of them. */
function afterQuiet(time: DateTime, { quiet_from: from, quiet_until: until }: NoticeSettings): DateTime {
  if (from === until) return time;
  for (const day of [-1, 0]) {
    const begin = at(time.plus({ days: day }), from);
    const end = at(from < until ? begin : begin.plus({ days: 1 }), until);
    if (time >= begin && time < end) return end;
  }
  return time;
}

/**
 * When a notice is sent by mail or to Slack; null: never. What is critical waits neither for the morning nor for a
 * digest, and is sent to people who want no digest too, since someone asked to be woken or all work has stopped.
 */
export function dueAt({ severity, created_at }: Waiting, settings: NoticeSettings): Date | null {
  if (severity === 'critical') return created_at;
  const created = DateTime.fromJSDate(created_at, { zone: settings.time_zone });
  switch (settings.digest) {
    case 'never':
      return null;
    case 'instant':
      return afterQuiet(created, settings).toJSDate();
    case 'daily':
    case 'weekly': {
      let due = created.set({ hour: digestHour, minute: 0, second: 0, millisecond: 0 });
      if (due <= created) due = due.plus({ days: 1 });
      // Monday is 1.
      while (settings.digest === 'weekly' && due.weekday !== 1) due = due.plus({ days: 1 });
      return due.toJSDate();
    }
  }
}
