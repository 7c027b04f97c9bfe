import { cutStart } from '#workflows/domain/text.ts';

/** 12345 as `12,345`. */
export const digits = (n: number): string => n.toLocaleString('en-US');

/** `1 file`, `2 files`, `3 matches`. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${digits(n)} ${n === 1 ? noun : plural}`;
}

/** Milliseconds as seconds with one decimal: `12.3 s`. */
export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Line ranges: `line 4`, `lines 4-9`. */
export const linesFromTo = (from: number, to: number): string => (from >= to ? `line ${from}` : `lines ${from}-${to}`);

/** A value from the model for an error message: JSON of at most `cap` characters. */
export function quoted(value: unknown, cap = 80): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= cap ? json : `${cutStart(json, cap)}...`;
}
