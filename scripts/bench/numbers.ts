/** The smallest value that is at least as large as a `share` (0 to 1) of all; NaN for no values. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const round = (value: number, digits = 1) => Number(value.toFixed(digits));

export interface Latency {
  p50_ms: number;
  p99_ms: number;
  samples: number;
}

export const latency = (values: number[]): Latency => ({
  p50_ms: round(percentile(values, 0.5)),
  p99_ms: round(percentile(values, 0.99)),
  samples: values.length,
});

/** A plain-text table with aligned columns. */
export function table(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Length of the beginning that two texts share. */
export function commonPrefix(before: string, after: string): number {
  let n = 0;
  while (n < before.length && before.charCodeAt(n) === after.charCodeAt(n)) n += 1;
  return n;
}

/** Milliseconds that the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
