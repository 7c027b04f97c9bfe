import { estimateTokens } from '../billing/prices.ts';
import { asData } from './untrusted.ts';
import { cutEnd } from '../text.ts';

type Block = Record<string, unknown>;

export interface TranscriptRow {
  turn: number;
  role: 'user' | 'assistant';
  /** JSON of the content blocks. */
  content: string;
}

export interface CompactionLimits {
  keep_result_tokens: number;
  clear_at_least_tokens: number;
}

const cleared = 'This result was cleared to make room. Make the call again if you need it.';

/**
 * The rows without thinking. A provider binds each thought to everything before it, and refuses it behind a changed
 * message; a conversation without any thought is always valid.
 */
export const withoutThinking = (rows: TranscriptRow[]): TranscriptRow[] =>
  rows.map((row) => {
    if (row.role !== 'assistant') return row;
    const blocks = JSON.parse(row.content) as Block[];
    const kept = blocks.filter((block) => block.type !== 'thinking' && block.type !== 'redacted_thinking');
    return kept.length === blocks.length ? row : { ...row, content: JSON.stringify(kept) };
  });

const unshown = { type: 'text', text: 'The image could not be shown. Make a smaller or repaired copy, and read that.' };

/** The rows without images, and without the thinking, which is bound to them. */
export const withoutImages = (rows: TranscriptRow[]): TranscriptRow[] =>
  withoutThinking(rows).map((row) => {
    const blocks = JSON.parse(row.content) as Block[];
    const kept = blocks.map((block) =>
      Array.isArray(block.content)
        ? { ...block, content: (block.content as Block[]).map(shownOnly) }
        : shownOnly(block),
    );
    return { ...row, content: JSON.stringify(kept) };
  });

const shownOnly = (block: Block): Block => (block.type === 'image' ? unshown : block);

/**
 * Clears tool results older than the newest `keep_result_tokens`, and all thinking. Errors and messages stay.
 * @returns undefined when that would free less than `clear_at_least_tokens`.
 */
export function clearOldResults(
  rows: TranscriptRow[],
  limits: CompactionLimits,
  tokensOf = (json: string) => estimateTokens(json.length),
): { rows: TranscriptRow[]; freed: number } | undefined {
  let kept = 0;
  let freed = 0;
  const out = [...rows];
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    const row = rows[i] as TranscriptRow;
    if (row.role !== 'user') continue;
    const blocks = JSON.parse(row.content) as Block[];
    const next = blocks.map((block) => {
      if (block.type !== 'tool_result') return block;
      const size = tokensOf(JSON.stringify(block.content ?? ''));
      if (kept + size <= limits.keep_result_tokens || block.is_error === true || size < 100) {
        kept += size;
        return block;
      }
      freed += size;
      return { ...block, content: cleared };
    });
    out[i] = { ...row, content: JSON.stringify(next) };
  }
  return freed >= limits.clear_at_least_tokens ? { rows: withoutThinking(out), freed } : undefined;
}

export interface StateFacts {
  constraints: string[];
  /** Messages of people to the run, oldest first. */
  said: string[];
  todo: { text: string; status: string }[];
  criteria: { id: string; text: string; evidence: string[] }[];
  changed_files: { path: string; lines_added: number; lines_removed: number }[];
  last_failure: { command: string; output: string } | null;
  turn: number;
  max_turns: number;
  spent_usd: number;
  max_usd: number;
}

/** The facts that must survive every rewrite of the context word for word. Code writes them, never a model. */
export function stateBlock(facts: StateFacts): string {
  const parts = [
    `# State, kept by the platform (turn ${facts.turn} of ${facts.max_turns}, $${facts.spent_usd.toFixed(2)} of $${facts.max_usd.toFixed(2)})`,
  ];
  if (facts.constraints.length > 0)
    parts.push(`## Constraints in force\n${facts.constraints.map((c) => `- ${c}`).join('\n')}`);
  if (facts.said.length > 0) parts.push(`## Messages to you so far\n${facts.said.map((c) => `- ${c}`).join('\n')}`);
  if (facts.todo.length > 0)
    parts.push(`## Your plan\n${facts.todo.map((t) => `- [${t.status}] ${t.text}`).join('\n')}`);
  if (facts.criteria.length > 0)
    parts.push(
      `## Criteria\n${facts.criteria.map((c) => `- ${c.id}: ${c.text}${c.evidence.length > 0 ? ` (commands that succeeded: ${c.evidence.join(', ')})` : ''}`).join('\n')}`,
    );
  if (facts.changed_files.length > 0)
    parts.push(
      `## Files changed so far\n${facts.changed_files.map((f) => `- ${f.path} (+${f.lines_added} -${f.lines_removed})`).join('\n')}`,
    );
  if (facts.last_failure)
    parts.push(
      `## Last failing command: ${facts.last_failure.command}\n${asData('output', cutEnd(facts.last_failure.output, 4000))}`,
    );
  return parts.join('\n\n');
}

/** The start of the note that replaces the removed part; the newest note replaces earlier ones. */
const noteHead = 'Older parts of this conversation were left out. What follows is what you need of them.';

const isNote = (row: TranscriptRow) =>
  row.role === 'user' &&
  (JSON.parse(row.content) as Block[]).some((block) => String(block.text ?? '').startsWith(noteHead));

/**
 * The rewritten conversation: the first message unchanged, the state and the summary, then the newest turns. No call is
 * left without its result, and no thinking is kept.
 * @param tailTurns number of whole turns to keep besides the last answer.
 */
export function newEpoch(rows: TranscriptRow[], summary: string, tailTurns: number): TranscriptRow[] {
  const first = rows.find((row) => row.role === 'user');
  const last = rows.at(-1);
  const lastTurn = last?.turn ?? 0;
  const note: TranscriptRow = {
    turn: lastTurn,
    role: 'user',
    content: JSON.stringify([{ type: 'text', text: `${noteHead}\n\n${summary}` }]),
  };
  const from = lastTurn - tailTurns;
  // The results of an answer are in the user message of the next turn, so the kept turns start with an answer.
  const tail = withoutThinking(rows).filter(
    (row) => row !== first && !isNote(row) && (row.role === 'assistant' ? row.turn >= from : row.turn > from),
  );
  return first ? [first, note, ...tail] : [note, ...tail];
}
