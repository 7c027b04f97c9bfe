import type { TextMatch } from './file-lines.ts';

export interface Applied {
  text: string;
  /** The position of each replacement in the new text. */
  places: { start: number; end: number }[];
}

/** Replaces the places, which must be in order and must not overlap. All other characters stay. */
export function applyMatches(text: string, matches: readonly TextMatch[]): Applied {
  let result = '';
  let at = 0;
  const places = matches.map((match) => {
    result += text.slice(at, match.start);
    const start = result.length;
    result += replacement(text, match);
    at = match.end;
    return { start, end: result.length };
  });
  return { text: result + text.slice(at), places };
}

/**
 * The text that replaces a match. Lines of old_text that new_text repeats keep the file's own bytes (line ending and
 * trailing blanks). The other lines are written as given, with the line ending that is used there.
 */
function replacement(text: string, match: TextMatch): string {
  const real = text.slice(match.start, match.end).split(/(?<=\n)/);
  const usual = lineEndingAt(text, match.start);
  const kept = keptLines(match.oldLines, match.newLines);
  return match.written
    .map((line, index) => {
      const same = kept.get(index);
      const segment = same === undefined ? undefined : (real[same] ?? '');
      const body = segment === undefined ? line : segment.replace(/\r?\n$/, '');
      const isLast = index === match.written.length - 1;
      return isLast ? body : body + (/\r?\n$/.exec(segment ?? '')?.[0] ?? usual);
    })
    .join('');
}

/** The line ending that is nearest to a place; the search goes down first. */
function lineEndingAt(text: string, index: number): '\r\n' | '\n' {
  const below = text.indexOf('\n', index);
  const at = below === -1 ? text.lastIndexOf('\n', index) : below;
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** With more comparisons, only equal lines at the beginning and the end count as kept. */
const MAX_COMPARISONS = 4_000_000;

/**
 * Maps the index in `after` to the index in `before` for the lines in common: those around the change, and a longest
 * common subsequence within it.
 */
function keptLines(before: readonly string[], after: readonly string[]): Map<number, number> {
  const kept = new Map<number, number>();
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) {
    kept.set(head, head);
    head += 1;
  }
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) {
    tail += 1;
    kept.set(after.length - tail, before.length - tail);
  }
  const rows = before.slice(head, before.length - tail);
  const columns = after.slice(head, after.length - tail);
  if (rows.length * columns.length > MAX_COMPARISONS) return kept;

  // length[i][j]: lines in common of rows from i and columns from j.
  const length = Array.from({ length: rows.length + 1 }, () => new Uint32Array(columns.length + 1));
  const at = (i: number, j: number) => length[i]?.[j] ?? 0;
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    for (let j = columns.length - 1; j >= 0; j -= 1) {
      const row = length[i];
      if (row) row[j] = rows[i] === columns[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < rows.length && j < columns.length;) {
    if (rows[i] === columns[j]) {
      kept.set(head + j, head + i);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return kept;
}
