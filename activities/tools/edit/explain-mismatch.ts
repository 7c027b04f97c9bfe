import { splitLines } from './file-lines.ts';
import { lineAt, linesOf, numbered } from '../support/file-text.ts';
import { findMatches, type Found } from './match-ladder.ts';
import { placeholderLine } from './placeholder.ts';
import { likenessTo } from '../support/similar-names.ts';
import { counted, digits } from '../support/wording.ts';

/** Maximum number of lines shown around the nearest one. */
const SHOWN = 12;
/** Minimum similarity (0 to 1) of a line that is shown. */
const ALIKE = 0.4;
/** Maximum number of places that are named. */
const PLACES = 10;

/** Explains why old_text was not found, what the file contains instead, and what to do. */
export function explainMissing(path: string, text: string, oldText: string, newText: string): string {
  const lines = linesOf(text);
  return [
    `old_text is not in ${path} (${counted(lines.length, 'line')}); nothing was changed.`,
    slip(oldText),
    alreadyThere(text, newText),
    nearest(lines, oldText) ?? 'No line of the file is like it.',
    `Call read_file on ${path} and give old_text exactly as it is there, indentation included, without the "N: " line numbers.`,
  ]
    .filter(Boolean)
    .join('\n');
}

/** Lists the places of an old_text that should have had only one. */
export function explainSeveral(path: string, text: string, { matches, how }: Found): string {
  const places = new Set(matches.slice(0, PLACES).map((match) => lineAt(text, match.start)));
  const shown = [...places].join(', ') + (matches.length > PLACES ? ', ...' : '');
  return `old_text is in ${path} ${digits(matches.length)} times (it matches ${how}), at lines ${shown}; nothing was changed. Call edit_file again with more of the lines around the one you mean, so that it matches once, or with replace_all: true to change every one.`;
}

function slip(oldText: string): string | undefined {
  const lines = splitLines(oldText).filter((line) => line.trim() !== '');
  if (lines.length > 0 && lines.every((line) => /^\s*\d+: /.test(line)))
    return 'Its lines begin with the line numbers that read_file shows; they are not part of the file.';
  const placeholder = placeholderLine(oldText);
  return (
    placeholder &&
    `Its line ${placeholder.line} is a placeholder for code left out (${placeholder.text}); old_text must be the literal text.`
  );
}

function alreadyThere(text: string, newText: string): string | undefined {
  if (newText.trim() === '') return undefined;
  const { rung, matches } = findMatches(text, newText, newText);
  const first = matches[0];
  return first && rung !== 'indentation'
    ? `new_text is already there, at line ${lineAt(text, first.start)}: perhaps this edit was made before.`
    : undefined;
}

/** The part of the file that is most similar to old_text's longest line. It is shown, never edited. */
function nearest(lines: readonly string[], oldText: string): string | undefined {
  const wanted = splitLines(oldText);
  const anchor = wanted.reduce(
    (longest, line, index) => (line.trim().length > (wanted[longest]?.trim().length ?? 0) ? index : longest),
    0,
  );
  const likeness = likenessTo(folded(wanted[anchor] ?? ''));
  const best = lines.reduce(
    (top, line, index) => {
      const score = likeness(isPlain(line) ? line : folded(line));
      return score > top.score ? { score, index } : top;
    },
    { score: 0, index: -1 },
  );
  if (best.score < ALIKE) return undefined;

  const from = Math.max(best.index - Math.min(anchor, SHOWN / 2), 0) + 1;
  const to = Math.min(from + Math.min(wanted.length, SHOWN) + 1, lines.length);
  const unseen = lookalikes(wanted[anchor] ?? '', lines[best.index] ?? '');
  return `Nearest lines:\n${numbered(lines, from, to)}${unseen ? `\nLine ${best.index + 1} ${unseen}.` : ''}`;
}

/** Names differences that a reader cannot see: letters that look alike, and special white space. */
function lookalikes(given: string, real: string): string | undefined {
  if (given === real || folded(given) !== folded(real)) return undefined;
  if (given.trim() === real.trim()) return 'differs in its indentation alone';
  const named = [...real]
    .filter((character) => !given.includes(character))
    .map(
      (character) => `${character} (U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`,
    );
  return `looks like it but has other characters${named.length > 0 ? `: ${[...new Set(named)].join(', ')}` : ''}`;
}

/** Matches lines without special characters, which need no folding: almost all lines. */
const isPlain = (line: string): boolean => /^[\x20-\x7E\t]*$/.test(line);

function folded(line: string): string {
  return line
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201A\u201B\u2032]/g, "'")
    .replace(/[\u201C-\u201F\u2033]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u200B-\u200D\u2060\uFEFF\u00AD]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
