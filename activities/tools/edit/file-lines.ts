/** A place in a file that old_text means. Nothing outside start..end is ever written. */
export interface Match {
  /** Character offsets in the file's text. */
  start: number;
  end: number;
  /** old_text's lines as the model gave them, one for each line of the place. */
  oldLines: string[];
  /** new_text's lines as given, and as they are to be written here (indented as the file is). */
  newLines: string[];
  written: string[];
}

/** The file ends without a newline right where old_text has its last one. */
export const endsUnfinished = (lines: FileLine[], index: number, oldLines: string[]): boolean =>
  oldLines.at(-1) === '' && index + oldLines.length - 1 === lines.length;

/** new_text for a place at the end of a file that has no final newline: it gets none. */
export const withoutLastEnd = (newLines: string[]): string[] =>
  newLines.length > 1 && newLines.at(-1) === '' ? newLines.slice(0, -1) : newLines;

export interface FileLine {
  /** Offsets of the line's text, its ending left out. */
  from: number;
  to: number;
  /** The text without blanks at its end. */
  trimmed: string;
}

/** Lines with offsets. A final newline is followed by one empty line, so that offsets after it exist. */
export function fileLines(text: string): FileLine[] {
  let from = 0;
  return text.split('\n').map((line) => {
    const body = line.endsWith('\r') ? line.slice(0, -1) : line;
    const found = { from, to: from + body.length, trimmed: trimEnd(body) };
    from += line.length + 1;
    return found;
  });
}

export const splitLines = (text: string): string[] => text.split(/\r?\n/);

/** Blanks alone: other white space (no-break spaces, form feeds) means something. */
export const trimEnd = (line: string): string => line.replace(/[ \t\r]+$/, '');
