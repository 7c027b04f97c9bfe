/** A simple command of a shell text: its words without quotes, and where each ends in the text. */
export interface SimpleCommand {
  words: string[];
  ends: number[];
  /** Offset behind the last word before a redirection: further arguments may be written here. */
  end: number;
}

const token =
  /(?<space>[ \t\r]+|\\\n)|(?<comment>(?<![^\s;&|()])#[^\n]*)|(?<redirect>\d*(?:>>?|<<?<?|>&|<&)&?[ \t]*(?:\d+(?=\s|$)|-(?=\s|$))?|&>>?[ \t]*)|(?<operator>&&|\|\||;;|[;&|\n(){}](?=[\s;&|()]|$)|[;&|\n()])|(?<word>(?:\\[^\n]|'[^']*'|"(?:\\.|[^"\\])*"|\$\{[^}]*\}|\$\([^()]*\)|`[^`]*`|[^\s;&|()<>'"\\`])+)|(?<other>.)/gsy;

const keywords = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', 'time', '{']);

/** The simple commands of a shell text in their order. What substitutions run is not looked into. */
export function parseCommands(text: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let current: SimpleCommand = { words: [], ends: [], end: 0 };
  let redirected: 'no' | 'target' | 'done' = 'no';
  const close = () => {
    while (keywords.has(current.words[0] ?? '')) {
      current.words.shift();
      current.ends.shift();
    }
    if (current.words.length > 0) commands.push(current);
    current = { words: [], ends: [], end: 0 };
    redirected = 'no';
  };
  for (const match of text.matchAll(token)) {
    const { redirect, operator, word } = match.groups ?? {};
    if (operator !== undefined) close();
    else if (redirect !== undefined) redirected = /[\d-]$/.test(redirect.trim()) ? 'done' : 'target';
    else if (word !== undefined && redirected === 'target') redirected = 'done';
    else if (word !== undefined) {
      current.words.push(unquote(word));
      current.ends.push(match.index + word.length);
      if (redirected === 'no') current.end = match.index + word.length;
    }
  }
  close();
  return commands;
}

const unquote = (word: string): string =>
  word.replace(
    /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/gs,
    (_, escaped?: string, single?: string, double?: string) =>
      escaped ?? single ?? (double ?? '').replace(/\\([$`"\\])/g, '$1'),
  );
