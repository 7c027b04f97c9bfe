import type { ModelFacts } from '#workflows/domain/agent/model-facts.ts';
import { contentTokens } from '../../../support/content-tokens.ts';
import { blocksOf, type Block, type Body } from './request.ts';

/** What a part carries beside its text: neither is counted. */
type Marked = { cache_control?: { ttl?: '5m' | '1h' } | null; eager_input_streaming?: boolean };

/** A part of the prompt that can carry a cache mark. */
export interface Piece {
  /** The role of a new message, then the JSON without its mark and its way of streaming. */
  json: string;
  tokens: number;
  mark: '5m' | '1h' | undefined;
  /** Where the part is: its prefix is lost with a change in an earlier level. */
  level: 'tools' | 'system' | 'messages';
  isCacheable: boolean;
}

const canCarryMark = (block: Block): boolean =>
  !(block.type === 'text' && block.text.trim() === '') &&
  block.type !== 'thinking' &&
  block.type !== 'redacted_thinking';

/** Several rules read the same request. */
const read = new WeakMap<Body, readonly Piece[]>();

/** The prompt in the order in which the provider reads it: tools, system, messages. */
export function piecesOf(body: Body, facts: Pick<ModelFacts, 'images'>): readonly Piece[] {
  const pieces = read.get(body) ?? readPieces(body, facts);
  read.set(body, pieces);
  return pieces;
}

function readPieces(body: Body, facts: Pick<ModelFacts, 'images'>): Piece[] {
  const piece = (level: Piece['level'], value: object, head = '', isCacheable = true): Piece => {
    const { cache_control, eager_input_streaming: _, ...rest } = value as Marked;
    const json = JSON.stringify(rest);
    const mark = cache_control ? (cache_control.ttl ?? '5m') : undefined;
    return { json: head + json, tokens: contentTokens(json, facts), mark, level, isCacheable };
  };
  const { tools = [], system = [], messages } = body;
  return [
    ...tools.map((tool) => piece('tools', tool)),
    ...(typeof system === 'string' ? [{ type: 'text', text: system }] : system).map((block) => piece('system', block)),
    ...messages.flatMap((message) =>
      blocksOf(message).map((block, at) => piece('messages', block, at === 0 ? message.role : '', canCarryMark(block))),
    ),
  ];
}

export const promptTokens = (pieces: readonly Piece[]): number => pieces.reduce((sum, { tokens }) => sum + tokens, 0);
