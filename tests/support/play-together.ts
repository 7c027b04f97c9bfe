/** Plays the rows, several at a time, and gives the outcome of each. */
export function playTogether<Row, Outcome>(
  rows: Row[],
  atOnce: number,
  play: (row: Row) => Promise<Outcome>,
): Map<Row, Promise<Outcome>> {
  const outcomes = new Map<Row, Promise<Outcome>>();
  const lanes = Array.from({ length: atOnce }, () => Promise.resolve<unknown>(undefined));
  // Each lane plays its rows one after another. A test that reads the outcome later reports the failure.
  for (const [i, row] of rows.entries()) {
    const outcome = (lanes[i % atOnce] ?? Promise.resolve()).then(() => play(row));
    outcomes.set(row, outcome);
    lanes[i % atOnce] = outcome.catch(() => undefined);
  }
  return outcomes;
}
