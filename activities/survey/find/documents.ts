import { XMLParser } from 'fast-xml-parser';
import { parse as parseTomlText } from 'smol-toml';
import { parse as parseYamlText } from 'yaml';

/**
 * Readers of files that strangers wrote. A file that cannot be read counts as absent: undefined, never an error.
 */

/** Longer files are not parsed: no manifest is that long. */
const maxLength = 1_000_000;

function attempt(text: string | undefined, parse: (text: string) => unknown): unknown {
  if (text === undefined || text.length > maxLength) return undefined;
  try {
    return parse(text.replace(/^\uFEFF/, '')) ?? undefined;
  } catch {
    return undefined;
  }
}

export const parseJson = (text: string | undefined): unknown =>
  attempt(text, (content) => JSON.parse(content) as unknown);

export const parseToml = (text: string | undefined): unknown => attempt(text, (content) => parseTomlText(content));

/** An alias counts at most 100 times, so that a short text cannot become a large value. */
export const parseYaml = (text: string | undefined): unknown =>
  attempt(text, (content) => parseYamlText(content, { logLevel: 'error', maxAliasCount: 100 }) as unknown);

const xml = new XMLParser({ processEntities: false, ignoreAttributes: false, parseTagValue: false });
export const parseXml = (text: string | undefined): unknown =>
  attempt(text, (content) => xml.parse(content) as unknown);

/** JSON with comments and trailing commas, as editors write it. */
export const parseJsonWithComments = (text: string | undefined): unknown =>
  parseJson(
    text
      ?.slice(0, 50_000)
      .replace(/(^|[\s{[,])\/\/.*$|\/\*[\s\S]{0,5000}?\*\//gm, '$1')
      .replace(/,(?=\s{0,200}[}\]])/g, ''),
  );

/** Values of an INI file as `section.key`; the lines that continue a value are joined with newlines. */
export function parseIni(text: string | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (text === undefined || text.length > maxLength) return values;
  let section = '';
  let key = '';
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]{1,100})\]/.exec(line);
    const pair = /^([\w.:-]{1,100})\s*[=:]\s*(.*)$/.exec(line);
    if (header?.[1]) {
      section = header[1];
      key = '';
      values.set(section, '');
    } else if (pair?.[1]) {
      key = `${section}.${pair[1]}`;
      values.set(key, pair[2] ?? '');
    } else if (key && /^\s+\S/.test(line)) values.set(key, `${values.get(key) ?? ''}\n${line.trim()}`);
  }
  return values;
}

/** The first line that matches, from 1; 1 where none does. */
export function lineOf(text: string | undefined, pattern: RegExp, after?: RegExp): number {
  if (text === undefined || text.length > maxLength) return 1;
  const lines = text.split(/\r?\n/);
  const from = after
    ? Math.max(
        0,
        lines.findIndex((line) => after.test(line)),
      )
    : 0;
  const found = lines.findIndex((line, at) => at >= from && pattern.test(line));
  return found < 0 ? from + 1 : found + 1;
}
