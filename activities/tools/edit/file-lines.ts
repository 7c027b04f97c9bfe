/** A place in a file that matches old_text. Nothing outside start..end is written. */
export interface TextMatch {
  /** Character offsets in the file's text. */
  start: number;
  end: number;
  /** The lines of old_text as the model gave them, one for each line of the place. */
  oldLines: string[];
  /** The lines of new_text as given, and as they are written here (with the file's indentation). */
  newLines: string[];
  written: string[];
}

/** The file ends without the final newline that old_text has. */
export const endsUnfinished = (lines: FileLine[], index: number, oldLines: string[]): boolean =>
  oldLines.at(-1) === '' && index + oldLines.length - 1 === lines.length;

/** new_text for a place at the end of a file without a final newline: it gets none either. */
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

/** Only blanks: other white space (no-break spaces, form feeds) has a meaning. */
export const trimEnd = (line: string): string => line.replace(/[ \t\r]+$/, '');
