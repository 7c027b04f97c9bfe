import type { Row } from './row.ts';

/** Plays the rows, several at a time, and gives the outcome of each. */
export function playTogether(rows: Row[], atOnce: number, play: (row: Row) => Promise<void>): Map<Row, Promise<void>> {
  const outcomes = new Map<Row, Promise<void>>();
  const lanes = Array.from({ length: atOnce }, () => Promise.resolve());
  // Each lane plays its rows one after another. A test that reads the outcome later reports the failure.
  for (const [i, row] of rows.entries()) {
    const outcome = (lanes[i % atOnce] ?? Promise.resolve()).then(() => play(row));
    outcomes.set(row, outcome);
    lanes[i % atOnce] = outcome.catch(() => undefined);
  }
  return outcomes;
}
