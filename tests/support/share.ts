/** `SHARE=1/3` plays the second third of long tables, `SHARE=2/3` the last; without it all rows are played. */
const [which = 0, of = 1] = (process.env.SHARE ?? '0/1').split('/').map(Number);

/** Whether this run plays all there is. */
export const playsAll = of === 1;

/** The rows of a table that this run plays: at least one. */
export function share<T>(rows: readonly T[]): T[] {
  const own = rows.filter((_, i) => i % of === which);
  return own.length > 0 ? own : rows.slice(which % rows.length).slice(0, 1);
}
