/**
 * Text that every store, prompt and person can hold. PostgreSQL refuses a NUL, also as `\u0000` in jsonb, and UTF-8
 * has no half of a surrogate pair. U+FFFD replaces both, so that a reader sees that a character was there.
 */
const replacement = '\uFFFD';

/** An escape of JSON: a whole surrogate pair, one code unit, or any other. The last also takes an escaped backslash. */
const escapes = /\\(?:ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|u[0-9a-f]{4}|.)/gi;
const flawedEscape = /^\\u(?:0000|d[89a-f][0-9a-f]{2})$/i;
const maybeFlawed = /\\u(?:0000|d[89a-f])/i;

/** The text without NUL and half surrogate pairs. Clean text is returned as it is. */
export function storableText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', replacement) : whole;
}

/** Like `storableText`, for a JSON text: its escapes are cleaned too. */
export function storableJson(json: string): string {
  const text = storableText(json);
  if (!maybeFlawed.test(text)) return text;
  return text.replace(escapes, (escape) => (flawedEscape.test(escape) ? '\\ufffd' : escape));
}

/** Like `storableText`, for every text in a JSON value, names of fields included. A clean value is returned as it is. */
export const storableValue = <T>(value: T): T => changeTexts(value, storableText, storableText);

/**
 * A JSON value with every text in it changed. A value without a change is returned as it is.
 * @param keep says which objects stay as they are, with all that is in them.
 */
export function changeTexts<T>(
  value: T,
  change: (text: string) => string,
  changeName: (name: string) => string = (name) => name,
  keep: (value: Record<string, unknown>) => boolean = () => false,
): T {
  return changed(value, change, changeName, keep) as T;
}

function changed(
  value: unknown,
  change: (text: string) => string,
  changeName: (name: string) => string,
  keep: (value: Record<string, unknown>) => boolean,
): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => changed(item, change, changeName, keep));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (!isPlain(value) || keep(value)) return value;
  const fields = Object.entries(value).map(
    ([name, field]) => [changeName(name), changed(field, change, changeName, keep)] as const,
  );
  return fields.some(([name, field]) => !Object.hasOwn(value, name) || field !== value[name])
    ? Object.fromEntries(fields)
    : value;
}

interface TextFlaw {
  /** Names and indexes that lead to the text; empty: the value itself. */
  path: string[];
  problem: 'a NUL character' | 'half of a character (a lone surrogate)';
}

/** The first text in a value that `storableText` would change; undefined when there is none. */
export function textFlaw(value: unknown): TextFlaw | undefined {
  if (typeof value === 'string') {
    if (value.includes('\0')) return { path: [], problem: 'a NUL character' };
    return value.isWellFormed() ? undefined : { path: [], problem: 'half of a character (a lone surrogate)' };
  }
  const entries = Array.isArray(value) || isPlain(value) ? Object.entries(value) : [];
  for (const [name, field] of entries) {
    const inName = textFlaw(name);
    if (inName) return inName;
    const found = textFlaw(field);
    if (found) return { ...found, path: [name, ...found.path] };
  }
  return undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** True when `index` is between the two halves of a surrogate pair. */
function splitsPair(text: string, index: number): boolean {
  return isHalf(text.charCodeAt(index - 1), 0xd8) && isHalf(text.charCodeAt(index), 0xdc);
}

/** True for a code unit of the 1024 that begin at `first`00. */
const isHalf = (unit: number, first: number) => (unit & 0xfc00) === first << 8;

/** The first `length` code units of a text, one fewer where a character would be cut in half. */
export const cutStart = (text: string, length: number): string =>
  text.slice(0, splitsPair(text, length) ? length - 1 : length);

/** The last `length` code units of a text, one fewer where a character would be cut in half. */
export function cutEnd(text: string, length: number): string {
  const from = Math.max(text.length - Math.floor(length), 0);
  return text.slice(splitsPair(text, from) ? from + 1 : from);
}
