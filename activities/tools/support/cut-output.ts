import { cutEnd, cutStart } from '#workflows/domain/text.ts';
import { counted, digits } from './wording.ts';

export interface CutOptions {
  /** Share of the limit for the beginning. It is small, since errors are at the end. */
  head?: number;
  /** The call that shows the rest: one or two sentences. */
  hint: string;
  /** Number of lines of the complete text, where `text` is only a part. */
  totalLines?: number;
}

/**
 * Cuts the middle out of a text with more than `cap` characters, at line ends where they are near. A note in its
 * place says how many lines are missing and how to see them. The result has at most `cap` characters.
 */
export function cutText(text: string, cap: number, options: CutOptions): string {
  return text.length <= cap ? text : joinEnds(text, text, cap, options);
}

/** Like `cutText`, for a text whose middle is missing already: `head` is its beginning, `tail` its end. */
export function joinEnds(
  head: string,
  tail: string,
  cap: number,
  { head: share = 0.2, hint, totalLines }: CutOptions,
): string {
  const total = totalLines ?? lineCount(tail);
  const room = cap - Math.max(marker(total, total, hint).length, marker(0, total, hint).length);
  if (room <= 0) return cutStart(tail, Math.max(cap, 0));

  const first = beginning(head, Math.floor(room * share));
  const last = ending(tail, room - Math.floor(room * share));
  const left = Math.max(total - lineCount(first) - lineCount(last), 0);
  return `${first}${marker(left, total, hint)}${last}`;
}

function marker(left: number, total: number, hint: string): string {
  const what = left > 0 ? `${digits(left)} of ${counted(total, 'line')}` : 'a part of a long line';
  return `\n\n[... ${what} left out. ${hint} ...]\n\n`;
}

const lineCount = (text: string): number => (text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0));

/** Cuts at a line end in the far half of the piece; otherwise between characters, never within one. */
function beginning(text: string, length: number): string {
  if (text.length <= length) return text;
  const line = text.lastIndexOf('\n', length - 1);
  return line >= length / 2 ? text.slice(0, line) : cutStart(text, length);
}

function ending(text: string, length: number): string {
  if (text.length <= length) return text;
  const from = text.length - length;
  const line = text.indexOf('\n', from - 1);
  return line !== -1 && line < from + length / 2 ? text.slice(line + 1) : cutEnd(text, length);
}
