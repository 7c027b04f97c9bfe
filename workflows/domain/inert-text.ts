import { cutStart } from './text.ts';

/** Invisible: a code host sees no name, number or address behind a sign that it follows. */
const joint = '\u200B';

/** Control characters, and those that turn the direction of the text around. */
const unseen = /[\p{Cc}\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/**
 * The text without what a code host acts on: a mention, the number of an issue (which a closing keyword may precede), an
 * address. It looks as before.
 */
export const withoutReferences = (text: string): string =>
  text
    .replaceAll('@', `@${joint}`)
    .replaceAll(/#(?=\d)/g, `#${joint}`)
    .replaceAll(/(gh-)(?=\d)/gi, `$1${joint}`)
    .replaceAll('://', `:${joint}//`)
    .replaceAll(/(www)\./gi, `$1${joint}.`);

function oneLine(text: string, max: number): string {
  const line = text.replaceAll(unseen, ' ').replaceAll(/\s+/g, ' ').trim();
  return line.length > max ? `${cutStart(line, max - 1).trimEnd()}…` : line;
}

/**
 * Text of agents and users as one line of Markdown that is shown as it is, also in a cell of a table.
 * @param max characters of the text; the result is at most twice as long, and one character.
 */
export const inertText = (text: string, max: number): string =>
  withoutReferences(
    oneLine(text, max)
      .replaceAll(/[\\`*~[\]<>|&$]|(?<![a-z\d])_|_(?![a-z\d])/gi, String.raw`\$&`)
      // At the beginning these make a heading, a list or a line.
      .replace(/^(?:[#+=-]|\d+(?=[.)]))/, (begin) => (/\d/.test(begin) ? `${begin}\\` : `\\${begin}`)),
  );

/** Text of agents and users as code inside a line. @param max characters of the code. */
export const inertCode = (text: string, max: number): string => `\`${oneLine(text.replaceAll('`', "'"), max) || ' '}\``;
