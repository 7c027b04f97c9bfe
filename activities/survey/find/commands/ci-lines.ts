import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, Scalar, type Document, type Node } from 'yaml';

/** A line of a file that names a command. */
export interface NamedLine {
  text: string;
  /** Folder relative to the repository in which it runs. */
  dir: string;
  file: string;
  line: number;
}

export const ciFile =
  /^(\.github\/workflows\/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|\.circleci\/config\.ya?ml|azure-pipelines\.ya?ml|\.travis\.ya?ml)$/;

const maxLength = 300_000;
const maxLines = 400;
/** Keys whose values are commands. In GitHub's files, `script` is a program in JavaScript. */
const commandKeys = (file: string): readonly string[] => {
  if (file.startsWith('.github/')) return ['run'];
  if (file.startsWith('.circleci/')) return ['run', 'command'];
  return file.startsWith('azure') ? ['script', 'bash'] : ['before_script', 'script', 'install'];
};
const folderKeys = ['working-directory', 'working_directory', 'workingDirectory'];

const keyOf = (key: unknown): string => (isScalar(key) && typeof key.value === 'string' ? key.value : '');

/** The lines of a script; a backslash at the end joins a line with the next. */
function scriptLines(text: string): { text: string; at: number }[] {
  const joined: { text: string; at: number }[] = [];
  let open = false;
  for (const [at, line] of text.split('\n').entries()) {
    const continues = line.endsWith('\\');
    const own = continues ? line.slice(0, -1) : line;
    const last = joined.at(-1);
    if (open && last) last.text += ` ${own.trim()}`;
    else joined.push({ text: own.trim(), at });
    open = continues;
  }
  return joined.filter((line) => line.text !== '');
}

/** The command lines of a CI file, in its order. A file that cannot be read has none. */
export function ciLines(file: string, text: string): NamedLine[] {
  if (text.length > maxLength) return [];
  const counter = new LineCounter();
  const keys = commandKeys(file);
  const found: NamedLine[] = [];
  let visited = 0;
  const take = (scalar: Scalar, dir: string) => {
    if (typeof scalar.value !== 'string' || !scalar.range) return;
    // The content of a block begins on the line after its mark.
    const block = scalar.type === Scalar.BLOCK_LITERAL || scalar.type === Scalar.BLOCK_FOLDED;
    const first = counter.linePos(scalar.range[0]).line + (block ? 1 : 0);
    let cwd = dir;
    for (const { text: content, at } of scriptLines(scalar.value)) {
      // A line of its own that changes the folder counts for the lines after it.
      const moved = /^cd ([\w][\w./-]*)$/.exec(content)?.[1];
      if (moved && !moved.split('/').includes('..')) cwd = [cwd, moved].filter(Boolean).join('/').replace(/\/$/, '');
      else if (found.length < maxLines) found.push({ text: content, dir: cwd, file, line: first + at });
    }
  };
  const walk = (
    node: Node | null | undefined,
    document: Document,
    dir: string,
    commands: boolean,
    depth: number,
  ): void => {
    visited += 1;
    // Aliases may refer to large parts again and again.
    if (!node || depth > 40 || visited > 50_000 || found.length >= maxLines) return;
    if (isAlias(node)) walk(node.resolve(document), document, dir, commands, depth + 10);
    else if (isScalar(node)) {
      if (commands) take(node, dir);
    } else if (isSeq(node)) {
      for (const item of node.items) walk(item as Node | null, document, dir, commands, depth + 1);
    } else if (isMap(node)) {
      const named = node.items.find((pair) => folderKeys.includes(keyOf(pair.key)))?.value;
      const value = isScalar(named) && typeof named.value === 'string' ? named.value : undefined;
      const own = value === undefined ? dir : value.replace(/^\.\/?/, '').replace(/\/$/, '');
      const defaults = node.items.find((pair) => keyOf(pair.key) === 'defaults')?.value;
      const inherited = isMap(defaults) ? folderOf(defaults) : undefined;
      for (const pair of node.items)
        walk(pair.value as Node | null, document, inherited ?? own, keys.includes(keyOf(pair.key)), depth + 1);
    }
  };
  try {
    const document = parseDocument(text, { lineCounter: counter, merge: true, logLevel: 'error', uniqueKeys: false });
    walk(document.contents, document, '', false, 0);
    return found;
  } catch {
    return [];
  }
}

/** `defaults: { run: { working-directory: … } }` of a workflow or a job. */
function folderOf(defaults: unknown): string | undefined {
  if (!isMap(defaults)) return undefined;
  const run = defaults.items.find((pair) => keyOf(pair.key) === 'run')?.value;
  if (!isMap(run)) return undefined;
  const value = run.items.find((pair) => folderKeys.includes(keyOf(pair.key)))?.value;
  return isScalar(value) && typeof value.value === 'string'
    ? value.value.replace(/^\.\/?/, '').replace(/\/$/, '')
    : undefined;
}
