import type { FoundModel } from '#workflows/domain/agent/models.ts';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import type { Body } from './request.ts';
import type { Account } from './refusal.ts';
import { thoughtsOf } from './rules-thinking.ts';
import { prefixHash, shownHash, sign } from './signature.ts';

/** A part of an answer as a player gives it. `json` replaces the input's text, to play input that is not valid. */
export type PlayedBlock =
  | { type: 'thinking'; thinking: string }
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown; json?: string };

export type AnsweredBlock =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown; json?: string };

/** A played answer that the real provider could not give. It is an error of the test. */
export class ImpossibleAnswer extends Error {
  override readonly name = 'ImpossibleAnswer';
}

/** Models that write all notes between calls as thinking, and models that do so with notes of this many characters. */
const noteLimit: Record<string, number> = {
  'claude-fable-5-1': 0,
  'claude-fable-5-2': 0,
  'claude-opus-5-5': 0,
  'claude-sonnet-5-5': 240,
};

/** @throws ImpossibleAnswer */
function check(blocks: readonly PlayedBlock[], body: Body, { id: model }: FoundModel): void {
  const calls = blocks.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
  const offered = (body.tools ?? []).map(({ name }) => name);
  const known = body.messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])),
  );
  const ids = [...known, ...calls.map(({ id }) => id)];
  const unknown = calls.find(({ name }) => !offered.includes(name));
  const twice = ids.find((id, at) => ids.indexOf(id) !== at && at >= known.length);
  const forced = body.tool_choice?.type === 'any' || body.tool_choice?.type === 'tool';
  const thinks = blocks.some(({ type }) => type === 'thinking');
  const late = blocks.findLastIndex(({ type }) => type !== 'tool_use');
  const first = blocks.findIndex(({ type }) => type === 'tool_use');
  const problem =
    (unknown && `calls ${unknown.name}, which the request does not offer`) ??
    (twice && `uses the id ${twice} twice`) ??
    (thinks && forced ? 'thinks although a tool is forced' : undefined) ??
    (thinks && body.thinking?.type === 'disabled' ? 'thinks although thinking is off' : undefined) ??
    (calls.length > 0 && body.tool_choice?.type === 'none' ? 'calls a tool although tool_choice is none' : undefined) ??
    (first >= 0 && late > first ? 'writes text behind a call' : undefined);
  if (problem) throw new ImpossibleAnswer(`The answer of the test ${problem}. ${model} could not give it.`);
}

/** Moves a note before a call into a thinking block, where the model writes its notes so. */
function withNotes(blocks: readonly PlayedBlock[], body: Body, { id }: FoundModel): PlayedBlock[] {
  const limit = noteLimit[id];
  const thinks =
    body.thinking?.type !== 'disabled' && body.tool_choice?.type !== 'any' && body.tool_choice?.type !== 'tool';
  return blocks.map((block, at) =>
    block.type === 'text' &&
    blocks[at + 1]?.type === 'tool_use' &&
    thinks &&
    limit !== undefined &&
    block.text.length > limit
      ? { type: 'thinking', thinking: block.text }
      : block,
  );
}

/** Signs the thinking of an answer, and omits its text unless the request asks for it. */
export function shapeAnswer(
  played: readonly PlayedBlock[],
  body: Body,
  model: FoundModel,
  account: Account,
  isPossible = true,
): AnsweredBlock[] {
  if (isPossible) check(played, body, model);
  const { thinking } = body;
  const display = thinking && 'display' in thinking && thinking.display ? thinking.display : model.display;
  const isShown = display === 'summarized' || thinking?.type === 'between_tools';
  const blocks = withNotes(played, body, model);
  const of = blocks.filter(({ type }) => type === 'thinking').length;
  let previous = thoughtsOf(body).at(-1)?.signature ?? '';
  const out: AnsweredBlock[] = [];
  for (const block of blocks) {
    if (block.type !== 'thinking') {
      out.push(block);
      continue;
    }
    const text = isShown ? block.thinking : '';
    previous = sign({
      model: model.id,
      account: account.id,
      prefix: prefixHash(body, body.messages.length, out),
      previous,
      at: out.filter(({ type }) => type === 'thinking').length,
      of,
      shown: shownHash(text),
    });
    out.push({ type: 'thinking', thinking: text, signature: previous });
  }
  return out;
}

/** Tokens of an answer. Thinking is billed with its text, whether it is shown or not. */
export function outputTokens(blocks: readonly PlayedBlock[]): { all: number; thinking: number } {
  const size = (some: readonly PlayedBlock[]) => estimateTokens(JSON.stringify(some).length);
  const thoughts = blocks.filter(({ type }) => type === 'thinking');
  return { all: size(blocks), thinking: thoughts.length > 0 ? size(thoughts) : 0 };
}
