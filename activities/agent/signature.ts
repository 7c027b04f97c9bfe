import { createHash } from 'node:crypto';

const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  );
}

/** Hash of a call's tool and input. The order of the fields does not matter. */
export const callSignature = (name: string, input: string): string => {
  try {
    return short(`${name} ${JSON.stringify(canonical(JSON.parse(input)))}`);
  } catch {
    return short(`${name} ${input}`);
  }
};

/** Hash of a result's text. Durations in it are ignored. */
export const resultSignature = (result: string): string =>
  short(
    result
      .replace(/\b\d+(\.\d+)? ?(ms|s|min)\b/g, '')
      .replace(/\bjob [\w.-]+/g, 'job')
      .replace(/ · call \S+/, ''),
  );
