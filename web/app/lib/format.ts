/** $0.0824 under a dollar, $12.40 above; never rounded to nothing. `micros`: millionths of a dollar. */
export function money(micros: number): string {
  const usd = micros / 1e6;
  if (usd === 0) return '$0.00';
  if (usd < 0.0001) return '<$0.0001';
  if (usd < 1) return `$${usd.toFixed(4)}`;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** $1,299.00. `cents`: of a price or a balance. */
export const dollars = (cents: number): string =>
  `$${(cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** 640 ms, 12.3 s, 4m 05s, 1h 04m, 2d 3h. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${String(Math.floor(seconds % 60)).padStart(2, '0')}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${String(minutes % 60).padStart(2, '0')}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** 950, 12.4k, 1.2M. */
export function compact(n: number): string {
  if (n < 1000) return String(n);
  if (n < 999_500) return `${(n / 1e3).toFixed(n < 99_950 ? 1 : 0)}k`;
  return `${(n / 1e6).toFixed(1)}M`;
}

/** 1,234: a number with all its digits. */
export const count = (n: number): string => n.toLocaleString('en-US');

export const percent = (share: number) => `${Math.round(share * 100)} %`;
export const shortId = (id: string) => id.slice(0, 8);
export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
export const sentence = (word: string) => (word.charAt(0).toUpperCase() + word.slice(1)).replace(/[_-]/g, ' ');

const inZone = (iso: string, timeZone: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(new Date(iso));

/** 1 Nov 2026, in a time zone such as Europe/Paris. */
const day = (iso: string, zone: string) => inZone(iso, zone, { day: 'numeric', month: 'short', year: 'numeric' });

/** 14:03:20. */
export const clock = (iso: string, zone: string) =>
  inZone(iso, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** 1 Nov 2026, 14:03:20 CET. */
export const exactTime = (iso: string, zone: string) =>
  `${day(iso, zone)}, ${inZone(iso, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short' })}`;

/** How long ago, up to a week; then the day. */
export function ago(iso: string, now: number, zone = 'UTC'): string {
  const ms = now - Date.parse(iso);
  if (ms < 5000) return 'now';
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ago`;
  if (ms < 7 * 86_400_000) return plural(Math.floor(ms / 86_400_000), 'day').concat(' ago');
  return day(iso, zone);
}

/** A limit of turns. At its limit a run has one last turn, so it may have taken more. */
export const limitWithLast = (turn: number, limit: number): string =>
  turn > limit ? `${limit} + ${turn - limit}` : String(limit);

/** The name of a code host as people write it. */
export const hostName = (provider: string): string => (provider === 'github' ? 'GitHub' : provider);
