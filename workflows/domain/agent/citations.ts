/** A place in the code that an answer names. */
export interface Citation {
  /** Relative to the root of the repository. */
  path: string;
  /** From 1. */
  line: number;
}

/** The places `path:line` of a text, each once. A path has a folder or an ending, so that no time or port is one. */
export function citationsOf(text: string): Citation[] {
  const found = new Map<string, Citation>();
  for (const word of text.split(/[\s`"',;]+/)) {
    const [, path = '', line = ''] = /^[(<[*]*(?:\.\/)?([^:]+):(\d{1,7})(?!\d)/.exec(word) ?? [];
    if (path.startsWith('/') || !/\/|\.[A-Za-z]\w*$/.test(path)) continue;
    found.set(`${path}:${line}`, { path, line: Number(line) });
  }
  return [...found.values()];
}
