/** A place in the code that an answer names. */
export interface Citation {
  /** Relative to the root of the repository. */
  path: string;
  /** From 1. */
  line: number;
  /** The last line, where more than one is named. */
  end?: number;
}

export const showCitation = ({ path, line, end }: Citation): string => `${path}:${line}${end ? `-${end}` : ''}`;

/**
 * The places `path:line` and `path:first-last` of a text, each once. A path has a folder or an ending, so that no time or
 * port is one.
 */
export function citationsOf(text: string): Citation[] {
  const found = new Map<string, Citation>();
  for (const word of text.split(/[\s`"',;]+/)) {
    const [, path = '', line = '', end = ''] =
      /^[(<[*]*(?:\.\/)?([^:]+):(\d{1,7})(?!\d)(?:[-–](\d{1,7})(?!\d))?/.exec(word) ?? [];
    if (path.startsWith('/') || !/\/|\.[A-Za-z]\w*$/.test(path)) continue;
    const place = { path, line: Number(line), ...(Number(end) > Number(line) ? { end: Number(end) } : {}) };
    found.set(showCitation(place), place);
  }
  return [...found.values()];
}
