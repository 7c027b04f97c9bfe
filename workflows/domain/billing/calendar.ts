import { nextMonth } from './account.ts';

const hour = 3_600_000;

/** The next first of a month, 01:00 UTC. Times are in ms. */
export const nextInvoice = (now: number): number => {
  const thisMonth = nextMonth(now - hour) + hour;
  return thisMonth > now ? thisMonth : nextMonth(now) + hour;
};

/** The next 10:00 UTC. */
export function nextCheck(now: number): number {
  const date = new Date(now);
  const today = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), 10);
  return today > now ? today : today + 24 * hour;
}
