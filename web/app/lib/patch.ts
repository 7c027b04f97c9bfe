import parser, { type Change, type File } from 'gitdiff-parser';

export interface PatchFile {
  path: string;
  /** The path before a rename; null if the file was not renamed. */
  from: string | null;
  type: File['type'];
  binary: boolean;
  added: number;
  removed: number;
  hunks: { header: string; lines: PatchLine[] }[];
}

export interface PatchLine {
  type: Change['type'];
  old: number | null;
  now: number | null;
  text: string;
}

/** The parser keeps git's quotes, its escapes, and the tab after a name with spaces; this removes them. */
function cleanPath(path: string): string {
  const bare = path.replace(/\t$/, '');
  if (!bare.endsWith('"')) return bare;
  const bytes = bare
    .slice(0, -1)
    .replace(/^\//, '')
    .replace(/\\([0-7]{3})/g, (_, octal: string) => `%${parseInt(octal, 8).toString(16)}`)
    .replace(/\\(.)/g, '$1');
  try {
    return decodeURIComponent(bytes);
  } catch {
    return bytes;
  }
}

const lineOf = (change: Change): PatchLine => ({
  type: change.type,
  text: change.content,
  old: change.type === 'normal' ? change.oldLineNumber : change.type === 'delete' ? change.lineNumber : null,
  now: change.type === 'normal' ? change.newLineNumber : change.type === 'insert' ? change.lineNumber : null,
});

/** Parses a git patch into files. A truncated patch gives the files up to its end. */
export function parsePatch(patch: string): PatchFile[] {
  if (patch.trim() === '') return [];
  return parser
    .parse(patch)
    .map(asPatchFile)
    .filter((file) => file.path !== '');
}

function asPatchFile(file: File): PatchFile {
  const [before, after] = [cleanPath(file.oldPath), cleanPath(file.newPath)];
  const hunks = file.hunks.map((hunk) => ({ header: hunk.content, lines: hunk.changes.map(lineOf) }));
  const count = (type: Change['type']) =>
    hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.type === type).length, 0);
  const path = after === '/dev/null' ? before : after;
  return {
    path,
    from: file.type === 'rename' && before !== path ? before : null,
    type: file.type,
    binary: file.isBinary ?? (hunks.length === 0 && file.type !== 'rename'),
    added: count('insert'),
    removed: count('delete'),
    hunks,
  };
}

/** An edit's old and new text as lines of a diff without line numbers. */
export function replacement(before: string, after: string): PatchLine[] {
  const [old, now] = [before.replace(/\n$/, '').split('\n'), after.replace(/\n$/, '').split('\n')];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail += 1;
  const line =
    (type: PatchLine['type']) =>
    (text: string): PatchLine => ({ type, old: null, now: null, text });
  return [
    ...old.slice(0, head).map(line('normal')),
    ...(before === '' ? [] : old.slice(head, old.length - tail).map(line('delete'))),
    ...(after === '' ? [] : now.slice(head, now.length - tail).map(line('insert'))),
    ...old.slice(old.length - tail).map(line('normal')),
  ];
}

export interface SideBySide {
  left: PatchLine | null;
  right: PatchLine | null;
}

/** Pairs lines for a split view: a removed line is beside the line that replaced it. */
export function sideBySide(lines: readonly PatchLine[]): SideBySide[] {
  const rows: SideBySide[] = [];
  let removed: PatchLine[] = [];
  let added: PatchLine[] = [];
  const flush = () => {
    for (let n = 0; n < Math.max(removed.length, added.length); n += 1)
      rows.push({ left: removed[n] ?? null, right: added[n] ?? null });
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.type === 'delete') {
      // A removed line after an added one starts a new change.
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.type === 'insert') added.push(line);
    else {
      flush();
      rows.push({ left: line, right: line });
    }
  }
  flush();
  return rows;
}
