import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';

export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An invalid setting, which prevents the start. The message names the key, its place and the valid values. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(`The settings are not valid:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  }
}

export interface SettingsFile {
  tree: Tree;
  /** File and line of a setting (`run.max_turns`), or undefined when the file does not set it. */
  lineOf(dotted: string): string | undefined;
}

/** The offset of a key in the file's text. */
function offsetOf(document: Document, keys: string[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const name of keys) {
    if (!isMap(node)) return offset;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === name);
    if (!pair) return undefined;
    offset = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
    node = pair.value;
  }
  return offset;
}

/**
 * Reads the settings of a YAML file; none when the file does not exist.
 * @throws ConfigError with file, line and remedy.
 */
export function readSettings(file: string): SettingsFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { tree: {}, lineOf: () => undefined };
    throw new ConfigError([
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Make it readable, or remove it: every setting has a default.`,
    ]);
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [broken] = document.errors;
  if (broken)
    throw new ConfigError([
      `${file} cannot be read as YAML, line ${lineCounter.linePos(broken.pos[0]).line}: ${broken.message}. Fix that line, or remove the file: every setting has a default.`,
    ]);
  const tree = (document.toJS() ?? {}) as unknown;
  if (!isTree(tree))
    throw new ConfigError([
      `${file}, line 1: the file must be a map of sections, such as "run:" with "max_turns: 150" below it. Fix it, or remove it: every setting has a default.`,
    ]);
  return {
    tree,
    lineOf: (dotted) => {
      const offset = offsetOf(document, dotted.split('.'));
      return offset === undefined ? undefined : `${file}, line ${lineCounter.linePos(offset).line}`;
    },
  };
}
