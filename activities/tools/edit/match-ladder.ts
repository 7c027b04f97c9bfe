import {
  endsUnfinished,
  type FileLine,
  fileLines,
  type TextMatch,
  splitLines,
  trimEnd,
  withoutLastEnd,
} from './file-lines.ts';
import { indentationMatches } from './indentation.ts';

type Rung = 'exact' | 'blanks' | 'indentation';

export interface Found {
  rung: Rung;
  /** How it matched, for the reply: `exactly`, `apart from ...`. */
  how: string;
  matches: TextMatch[];
}

/**
 * Finds old_text: exactly; then apart from line endings and blanks at line ends; then apart from indentation that
 * differs by the same rule on every line. The first step with a match decides. No step compares by similarity, so a
 * match is the intended place or a place that looks the same.
 */
export function findMatches(text: string, oldText: string, newText: string): Found {
  const oldLines = splitLines(oldText);
  const newLines = splitLines(newText);
  const exact = exactPlaces(text, oldText).map((start) => match(start, start + oldText.length, oldLines, newLines));
  if (exact.length > 0) return { rung: 'exact', how: 'exactly', matches: exact };

  const lines = fileLines(text);
  // An old_text of blanks alone would match anywhere.
  if (oldLines.every((line) => trimEnd(line) === '')) return { rung: 'exact', how: 'exactly', matches: [] };

  const blanks = blankMatches(text, lines, oldLines, newLines);
  if (blanks.length > 0)
    return { rung: 'blanks', how: 'apart from line endings or blanks at line ends', matches: blanks };
  return { rung: 'indentation', ...indentationMatches(lines, oldLines, newLines) };
}

/** Overlapping matches count too: "aa" in "aaa" has two places, so it is ambiguous. */
function exactPlaces(text: string, oldText: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(oldText); at !== -1; at = text.indexOf(oldText, at + 1)) places.push(at);
  return places;
}

function blankMatches(text: string, lines: FileLine[], oldLines: string[], newLines: string[]): TextMatch[] {
  const first = trimEnd(oldLines[0] ?? '');
  const last = oldLines.at(-1) ?? '';
  const between = oldLines.slice(1, -1).map(trimEnd);
  const bare = trimEnd(last) === last;

  return lines.flatMap((line, index) => {
    if (!line.trimmed.endsWith(first) || !between.every((old, at) => lines[index + 1 + at]?.trimmed === old)) return [];
    const start = line.from + line.trimmed.length - first.length;
    if (oldLines.length === 1) return [match(start, line.to, oldLines, newLines)];
    const final = lines[index + oldLines.length - 1];
    if (!final)
      return endsUnfinished(lines, index, oldLines)
        ? [match(start, text.length, oldLines.slice(0, -1), withoutLastEnd(newLines))]
        : [];
    // A last line without blanks at its end may stop in the middle of the file's line, as an exact match may.
    if (bare)
      return text.startsWith(last, final.from) ? [match(start, final.from + last.length, oldLines, newLines)] : [];
    return final.trimmed === trimEnd(last) ? [match(start, final.to, oldLines, newLines)] : [];
  });
}

const match = (start: number, end: number, oldLines: string[], newLines: string[]): TextMatch => ({
  start,
  end,
  oldLines,
  newLines,
  written: newLines,
});
