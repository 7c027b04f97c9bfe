/** One command of a line that joins commands with `&&`. */
export interface SimpleCommand {
  /** Assignments before the program, as `NAME=value`. */
  env: string[];
  words: string[];
}

const plain = /[\w@%+=:,./^[\]-]/;
const secret = /\$\{\{|SECRET|TOKEN|PASSW(OR)?D|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY/;

/**
 * Splits a line of a CI or instruction file. Only words, quotes and `&&` are understood: a line with any other operator,
 * a variable, a pattern, a control character or the name of a secret is undefined, and so is a long one.
 */
export function splitLine(line: string): SimpleCommand[] | undefined {
  const text = line.trim();
  if (text === '' || text.length > 500 || secret.test(text)) return undefined;
  const commands: string[][] = [[]];
  let word: string | undefined;
  const end = () => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (letter === ' ' || letter === '\t') end();
    else if (letter === '&' && text[at + 1] === '&') {
      end();
      commands.push([]);
      at += 1;
    } else if (letter === '"' || letter === "'") {
      const close = text.indexOf(letter, at + 1);
      const inner = close < 0 ? undefined : text.slice(at + 1, close);
      // Between double quotes a shell still expands; a quote inside the other kind could not be written again.
      if (inner === undefined || !/^[\x20-\x7e]*$/.test(inner) || /[`$\\!'"]/.test(inner)) return undefined;
      word = (word ?? '') + inner;
      at = close;
    } else if (plain.test(letter)) word = (word ?? '') + letter;
    else return undefined;
  }
  end();
  const split = commands.map((words) => {
    const program = words.findIndex((one) => !/^[A-Za-z_]\w*=/.test(one));
    const from = program < 0 ? words.length : program;
    return { env: words.slice(0, from), words: words.slice(from) };
  });
  return split.every(({ words }) => words.length > 0 && words.length <= 40) ? split : undefined;
}

/** Writes words so that a shell reads the same words. */
export const joinWords = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", '')}'`)).join(' ');

/** A value that names something inside the folder, and neither an address nor an option. */
export const isInside = (value: string): boolean =>
  value.length <= 200 &&
  !/^[-/~]/.test(value) &&
  !value.split(/[/,:=]/).includes('..') &&
  !/:\/\/|[,:=]\/|^git\+|^\w+@/.test(value);
