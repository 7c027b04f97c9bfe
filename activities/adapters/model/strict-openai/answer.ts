import { createHash, randomBytes } from 'node:crypto';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { ImpossibleAnswer, type PlayedBlock } from '../strict/answer.ts';
import type { PlayedAnswer } from '../strict/index.ts';
import { reasoningToken } from './reasoning-token.ts';
import { itemsOf, type Body } from './request.ts';

type Json = Record<string, unknown>;

export type OutputItem =
  | { type: 'reasoning'; id: string; summary: { type: 'summary_text'; text: string }[]; encrypted_content?: string }
  | {
      type: 'message';
      id: string;
      role: 'assistant';
      status: 'completed' | 'incomplete';
      phase: 'commentary' | 'final_answer';
      content: ({ type: 'output_text'; text: string; annotations: [] } | { type: 'refusal'; refusal: string })[];
    }
  | {
      type: 'function_call';
      id: string;
      call_id: string;
      name: string;
      arguments: string;
      status: 'completed' | 'incomplete';
    };

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The input of a strict tool has every property of its schema: one that the player leaves out is null. */
function completed(schema: unknown, value: unknown): unknown {
  if (!isJson(schema)) return value;
  if (Array.isArray(value)) return value.map((one) => completed(schema.items, one));
  if (!isJson(value)) return value;
  const branches = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isJson) : [];
  const shape = [schema, ...branches].find(({ properties }) => isJson(properties))?.properties;
  if (!isJson(shape)) return value;
  const names = [...new Set([...Object.keys(value), ...Object.keys(shape)])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const isMissing = !(name in value);
      if (isMissing && !JSON.stringify(shape[name]).includes('"null"')) return [];
      return [[name, isMissing ? null : completed(shape[name], value[name])]];
    }),
  );
}

/** @throws ImpossibleAnswer */
function check(blocks: readonly PlayedBlock[], body: Body): void {
  const calls = blocks.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
  const offered = (body.tools ?? []).map(({ name }) => name);
  const known = itemsOf(body).flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
  const ids = [...known, ...calls.map(({ id }) => id)];
  const unknown = calls.find(({ name }) => !offered.includes(name));
  const problem =
    (unknown && `calls ${unknown.name}, which the request does not offer`) ??
    (new Set(ids).size < ids.length ? 'uses the id of a call twice' : undefined) ??
    (calls.length > 0 && body.tool_choice === 'none' ? 'calls a tool although tool_choice is none' : undefined) ??
    (calls.length > 1 && body.parallel_tool_calls === false ? 'makes several calls at once' : undefined);
  if (problem) throw new ImpossibleAnswer(`The answer of the test ${problem}. ${body.model} could not give it.`);
}

const newId = (prefix: string) => `${prefix}_${randomBytes(12).toString('hex')}`;

/** The items of a played answer. The model reasons before each, and only its summary is shown. */
export function outputItems(played: PlayedAnswer, body: Body, account: string): OutputItem[] {
  if (played.isPossible !== false) check(played.content, body);
  const tools = new Map((body.tools ?? []).map((tool) => [tool.name, tool]));
  const status = played.stop_reason === 'max_tokens' ? 'incomplete' : 'completed';
  const thoughts = played.content.flatMap((block) => (block.type === 'thinking' ? [block.thinking] : []));
  const reasoning: OutputItem = {
    type: 'reasoning',
    id: newId('rs'),
    summary:
      body.reasoning?.summary && thoughts.length > 0 ? [{ type: 'summary_text', text: thoughts.join('\n\n') }] : [],
    ...(body.include?.includes('reasoning.encrypted_content')
      ? { encrypted_content: reasoningToken(account, thoughts.join('\n\n')) }
      : {}),
  };
  const calls = played.content.some(({ type }) => type === 'tool_use');
  const shown = played.content.flatMap((block): OutputItem[] => {
    if (block.type === 'text') {
      const phase = calls ? 'commentary' : 'final_answer';
      const content = [{ type: 'output_text' as const, text: block.text, annotations: [] as [] }];
      return [{ type: 'message', id: newId('msg'), role: 'assistant', status, phase, content }];
    }
    if (block.type === 'thinking') return [];
    const tool = tools.get(block.name);
    const isStrict = tool && tool.strict !== false;
    const input = isStrict ? completed(tool.parameters, block.input) : block.input;
    const text = block.json ?? JSON.stringify(input);
    return [{ type: 'function_call', id: newId('fc'), call_id: block.id, name: block.name, arguments: text, status }];
  });
  if (played.stop_reason !== 'refusal') return [reasoning, ...shown];
  const content = [{ type: 'refusal' as const, refusal: refusalText(played) }];
  return [reasoning, { type: 'message', id: newId('msg'), role: 'assistant', status, phase: 'final_answer', content }];
}

function refusalText({ stop_details }: PlayedAnswer): string {
  const { explanation, category }: { explanation?: unknown; category?: unknown } = { ...stop_details };
  return String(explanation ?? category ?? "I'm sorry, but I cannot assist with that.");
}

/** The id of a response follows from its request, unless the player gives one. */
export const responseId = (played: PlayedAnswer, body: Body): string =>
  `resp_${
    played.id ??
    createHash('sha256')
      .update(JSON.stringify([body, played.content]))
      .digest('hex')
      .slice(0, 24)
  }`;

export function outputTokens(content: readonly PlayedBlock[]): { all: number; reasoning: number } {
  const size = (blocks: readonly PlayedBlock[]) => estimateTokens(JSON.stringify(blocks).length);
  const thoughts = content.filter(({ type }) => type === 'thinking');
  return { all: size(content), reasoning: thoughts.length > 0 ? size(thoughts) : 0 };
}
