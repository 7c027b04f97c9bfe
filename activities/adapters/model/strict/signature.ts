import { createHash, createHmac } from 'node:crypto';
import { blocksOf, type Body } from './request.ts';

/** A provider signs thinking with the account and the prefix that it belongs to. */
export interface Signed {
  model: string;
  account: string;
  /** Hash over system, tools and the messages before, without thinking and cache marks. */
  prefix: string;
  /** Signature of the thinking before, or ''. */
  previous: string;
  /** Position among the thinking blocks of its answer, from 0, and their number. */
  at: number;
  of: number;
  /** Hash of the text that was shown; '' where it was omitted. */
  shown: string;
}

const key = 'strict provider';
const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url');
const macOf = (json: string): string => createHmac('sha256', key).update(json).digest('base64url');

export const shownHash = (text: string): string => (text === '' ? '' : hashOf(text));

export function sign(signed: Signed): string {
  const json = JSON.stringify(signed);
  return Buffer.from(JSON.stringify([json, macOf(json)])).toString('base64');
}

/** What was signed; undefined for a signature that was altered, cut or invented. */
export function readSignature(signature: string): Signed | undefined {
  try {
    const [json, mac] = JSON.parse(Buffer.from(signature, 'base64').toString()) as [string, string];
    return macOf(json) === mac ? (JSON.parse(json) as Signed) : undefined;
  } catch {
    return undefined;
  }
}

const withoutMark = ({ cache_control: _, ...rest }: Record<string, unknown>): unknown =>
  Array.isArray(rest.content)
    ? { ...rest, content: rest.content.map((part: Record<string, unknown>) => withoutMark(part)) }
    : rest;

const isThinking = (type: string) => type === 'thinking' || type === 'redacted_thinking';

/** The content that a signature covers. */
const covered = (blocks: readonly { type: string }[]): unknown[] =>
  blocks.filter(({ type }) => !isThinking(type)).map((block) => withoutMark({ ...block }));

/**
 * The hash of everything before a thinking block.
 * @param index number of the message with the block.
 * @param before the blocks of that message before it.
 */
export function prefixHash(
  { system, tools, messages }: Pick<Body, 'system' | 'tools' | 'messages'>,
  index: number,
  before: readonly { type: string }[],
): string {
  return hashOf([
    typeof system === 'string' ? [{ type: 'text', text: system }] : (system ?? []).map(withoutMark),
    (tools ?? []).map(withoutMark),
    messages.slice(0, index).map((message) => [message.role, covered(blocksOf(message))]),
    covered(before),
  ]);
}
