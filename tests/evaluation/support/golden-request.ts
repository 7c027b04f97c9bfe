import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import type { Played } from '#tests/support/played-model.ts';

const folder = path.join(rootDir, 'tests/evaluation/requests');

/** What differs from run to run, by what it is; each value keeps its own number, so that what is the same stays visible. */
const varying: [string, RegExp][] = [
  ['uuid', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  ['sha', /\b[0-9a-f]{40}\b/g],
  ['date', /(?<=Date: )\d{4}-\d{2}-\d{2}/g],
  ['word', /\bw[0-9a-f]{10}\b/g],
  ['call', /\btoolu_\w+/g],
  ['short', /\b[0-9a-f]{12}\b/g],
  ['short', /\b[0-9a-f]{8}(?=\/)/g],
  ['sha', /\b[0-9a-f]{7}\.\.[0-9a-f]{7}\b/g],
];

/** What earlier tasks taught comes when they have been learned from, which nothing here waits for. */
const lessons = /# What earlier work here taught(?:(?!<\/data>).)*<\/data>\\n\\n/g;

function normalised(request: string): string {
  const text = request.replace(lessons, '');
  const known = new Map<string, string>();
  const numbers = new Map<string, number>();
  let out = text;
  for (const [name, pattern] of varying) {
    out = out.replace(pattern, (value) => {
      if (!known.has(value)) {
        numbers.set(name, (numbers.get(name) ?? 0) + 1);
        known.set(value, `{${name} ${numbers.get(name)}}`);
      }
      return known.get(value) as string;
    });
  }
  return out
    .replace(/\b\d+(?:\.\d+)? (?:ms|s|min)\b/g, '{time}')
    .replace(/duration_ms[ :]+[\d.]+/g, 'duration_ms {time}');
}

/** A request as a reviewer reads it: texts as lists of lines, everything that varies replaced. */
function readable(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\n') ? value.split('\n') : value;
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
  return value;
}

/**
 * Compares a kind's first request with the one that is kept. With UPDATE_REQUESTS=1 it is kept anew, for the change to
 * be seen where changes are reviewed.
 */
export function expectGolden(name: string, request: Played, data: (text: string) => string = (text) => text): void {
  const shown = `${JSON.stringify(readable(JSON.parse(normalised(data(request.raw)))), null, 1)}\n`;
  const file = path.join(folder, `${name}.json`);
  if (process.env.UPDATE_REQUESTS === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, shown);
  }
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(shown);
}
