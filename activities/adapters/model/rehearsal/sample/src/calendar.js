/** Days are strings such as '2026-03-09': a loan is due on a day, not at a time. */
const MS_A_DAY = 24 * 60 * 60 * 1000;

// At midnight UTC every day has 24 hours, whatever the clocks do here.
const midnight = (day) => new Date(`${day}T00:00:00Z`);
const dayOf = (date) => date.toISOString().slice(0, 10);

export const today = () => dayOf(new Date());

/** The same day of the month, some months later. */
export function addMonths(day, months) {
  const date = midnight(day);
  date.setUTCMonth(date.getUTCMonth() + months);
  return dayOf(date);
}

/** Negative when `to` comes first. */
export function daysBetween(from, to) {
  return (midnight(to) - midnight(from)) / MS_A_DAY;
}
