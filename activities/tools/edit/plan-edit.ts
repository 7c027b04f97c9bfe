import { type Applied, applyMatches } from './apply-edit.ts';
import { explainMissing, explainSeveral } from './explain-mismatch.ts';
import type { TextMatch } from './file-lines.ts';
import { decodeFile, encodeFile, lineAt, linesOf, numbered } from '../support/file-text.ts';
import { fileType } from '../support/file-type.ts';
import { findMatches } from './match-ladder.ts';
import { placeholderLine } from './placeholder.ts';
import { newSyntaxProblem, type SyntaxProblem } from '../support/syntax-check.ts';
import { ToolFailure } from '../support/tool-failure.ts';
import { counted, linesFromTo, quoted } from '../support/wording.ts';

export interface Edit {
  old_text: string;
  new_text: string;
  replace_all?: boolean | undefined;
}

export interface PlannedEdit {
  bytes: Buffer;
  /** Names the changes and how they matched. */
  headline: string;
  /** The changed lines, numbered, with a few around them. */
  snippet: string;
}

/** Lines shown on either side of a change. */
const AROUND = 3;
/** Lines shown at most of a change that was made, whose text the conversation has already, and of one that was refused. */
const SHOWN = 12;
const SHOWN_OF_FAULT = 40;

/**
 * The result of an edit of a file. It writes nothing.
 * @throws ToolFailure with the reason: not found, found several times, new syntax error, nothing to change.
 */
export const planEdit = (path: string, bytes: Buffer, edit: Edit): Promise<PlannedEdit> =>
  planEdits(path, bytes, [edit]);

/**
 * The result of several edits of a file, each on the text that the one before left. All of them or none: the syntax is
 * checked after the last one. It writes nothing.
 * @throws ToolFailure as `planEdit`, with the number of the edit.
 */
export async function planEdits(path: string, bytes: Buffer, edits: readonly Edit[]): Promise<PlannedEdit> {
  if (fileType(bytes).kind !== 'text')
    throw new ToolFailure(
      'failed',
      `${path} is not a text file, so there is no text to replace. Use a program for its format with bash.`,
    );
  const file = decodeFile(bytes);
  let text = file.text;
  const done: { matches: readonly TextMatch[]; applied: Applied; how: string }[] = [];
  for (const [i, edit] of edits.entries()) {
    const one = numberedFailure(edits.length, i, () => applyEdit(path, text, edit));
    done.push(one);
    text = one.applied.text;
  }
  const [first] = done;
  const only = done.length === 1 ? first : undefined;
  const problem = await newSyntaxProblem(path, file.text, text);
  if (problem)
    throw new ToolFailure(
      'failed',
      only
        ? explainBroken(path, file.text, only.matches, only.applied, problem)
        : `Not applied: after these ${done.length} edits ${path} would no longer parse. ${problem.line === undefined ? '' : `Line ${problem.line}: `}${problem.message}\nThe file is unchanged. Call edit_file again with edits that parse together.`,
    );
  const parts = done.map(({ matches, applied, how }) => {
    const lines = rangeOf(applied.text, applied.places);
    const where =
      matches.length === 1
        ? linesFromTo(lines.from, lines.to)
        : `${matches.length} places, the first at line ${lines.from}`;
    return {
      headline: `${where}; old_text matched ${how}.`,
      snippet: view(applied.text, rangeOf(applied.text, applied.places.slice(0, 1))),
    };
  });
  return {
    bytes: encodeFile({ ...file, text }),
    headline: only
      ? `Edited ${path}, ${parts[0]?.headline}`
      : `Edited ${path} with ${done.length} edits; each is shown as it left the file.`,
    snippet: only
      ? (parts[0]?.snippet ?? '')
      : parts.map(({ headline, snippet }, i) => `Edit ${i + 1}, ${headline}\n${snippet}`).join('\n'),
  };
}

function applyEdit(path: string, text: string, edit: Edit) {
  checkTexts(path, edit);
  const found = findMatches(text, edit.old_text, edit.new_text);
  if (found.matches.length === 0)
    throw new ToolFailure('not_found', explainMissing(path, text, edit.old_text, edit.new_text));
  if (found.matches.length > 1 && !edit.replace_all)
    throw new ToolFailure('conflict', explainSeveral(path, text, found));
  const matches = apart(found.matches);
  const applied = applyMatches(text, matches);
  if (applied.text === text) {
    throw new ToolFailure(
      'failed',
      `The edit would change nothing in ${path}: apart from line endings, which edit_file keeps, new_text is already there. Continue, or convert line endings with bash.`,
    );
  }
  return { matches, applied, how: found.how };
}

/** Names the edit that failed, where there are several. */
function numberedFailure<T>(count: number, i: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (count === 1 || !(error instanceof ToolFailure)) throw error;
    throw new ToolFailure(error.kind, `Edit ${i + 1} of ${count} does not fit, so none was made. ${error.message}`);
  }
}

function checkTexts(path: string, { old_text, new_text }: Edit): void {
  if (old_text === '')
    throw new ToolFailure(
      'failed',
      `old_text is empty. To insert, give a neighbouring line of ${path} as old_text and that line with the new ones as new_text; to fill an empty file call write_file.`,
    );
  if (old_text === new_text)
    throw new ToolFailure(
      'failed',
      'old_text and new_text are the same, so there is nothing to change. Continue, or give the text that should be there.',
    );
  const placeholder = placeholderLine(new_text, old_text);
  if (placeholder) throw new ToolFailure('failed', refusedPlaceholder('new_text', placeholder));
}

/** The message that refuses text with a placeholder for code. */
export function refusedPlaceholder(field: string, { line, text }: { line: number; text: string }): string {
  return `Line ${line} of ${field} is a placeholder for code that is left out: ${quoted(text)}. Nothing was written, since that code would be lost. Give the whole text (edit_file for a part of a file); if the line is meant literally, write it with bash.`;
}

/** The matches without those that overlap an earlier one. */
function apart(matches: readonly TextMatch[]): TextMatch[] {
  const kept: TextMatch[] = [];
  for (const match of matches) if (match.start >= (kept.at(-1)?.end ?? 0)) kept.push(match);
  return kept;
}

interface LineRange {
  from: number;
  to: number;
}

/** First and last line that the places touch; a newline at a place's end belongs to the line it ends. */
function rangeOf(text: string, places: readonly { start: number; end: number }[]): LineRange {
  const start = places[0]?.start ?? 0;
  const end = places.at(-1)?.end ?? 0;
  const from = lineAt(text, start);
  return { from, to: Math.max(from, lineAt(text, end > start && text[end - 1] === '\n' ? end - 1 : end)) };
}

function view(text: string, { from, to }: LineRange, shown = SHOWN): string {
  const lines = linesOf(text);
  const first = Math.max(from - AROUND, 1);
  const last = Math.min(to + AROUND, lines.length);
  if (lines.length === 0) return '(the file is empty now)';
  if (last - first < shown) return numbered(lines, first, last);
  const half = shown / 2;
  return [
    numbered(lines, first, first + half - 1),
    `[... ${counted(last - first + 1 - shown, 'line')} ...]`,
    numbered(lines, last - half + 1, last),
  ].join('\n');
}

function explainBroken(
  path: string,
  before: string,
  matches: readonly TextMatch[],
  { text, places }: Applied,
  problem: SyntaxProblem,
): string {
  const range = rangeOf(text, places);
  const line = problem.line;
  const elsewhere = line !== undefined && (line < range.from - AROUND || line > range.to + AROUND);
  return [
    `Not applied: ${path} would no longer parse. ${line === undefined ? '' : `Line ${line}: `}${problem.message}`,
    ...(elsewhere ? [`There it says:\n${numbered(linesOf(text), line, line)}`] : []),
    `The file as it is:\n${view(before, rangeOf(before, matches), SHOWN_OF_FAULT)}`,
    `With your edit:\n${view(text, range, SHOWN_OF_FAULT)}`,
    'The file is unchanged. Call edit_file again with a new_text that parses: the whole change in one edit, both ends of every bracket and tag.',
  ].join('\n');
}
