import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { AnsweredBlock } from './answer.ts';

export interface StreamEvent {
  type: string;
  [field: string]: unknown;
}

/** What a test plans for the stream of an answer. Nothing of it happens by chance. */
export interface StreamPlan {
  /** Cut the body after this many events. */
  cut_after_events?: number;
  /** An error event after this many events, then the end. */
  error_after_events?: { events: number; type: string; message: string };
  /** Milliseconds of silence before the first block, with a ping every `ping_ms`. */
  silence_ms?: number;
  ping_ms?: number;
  /** Milliseconds for which the input of a tool is held back, unless the tool asks for it at once. */
  hold_ms?: number;
  /** Milliseconds over which the events are spread. */
  pace_ms?: number;
}

/** A message as its fields are known before the answer begins, and as they end. */
export interface AnsweredMessage {
  id: string;
  model: string;
  content: readonly AnsweredBlock[];
  stop_reason: string;
  stop_details: object | null;
  usage: object;
  input_transformations?: object[];
}

/** At most this many pieces per block, each with at least `PIECE_CHARACTERS` characters. */
const PIECES = 24;
const PIECE_CHARACTERS = 16;
const plannedPing = 1000;

/** The place where the provider holds back an input. It is not sent. */
export const held: StreamEvent = { type: 'held' };

/** The message as one JSON, as it is sent without a stream. */
export function wholeMessage({ content, ...head }: AnsweredMessage): object {
  return {
    ...head,
    type: 'message',
    role: 'assistant',
    container: null,
    stop_sequence: null,
    content: content.map((block) => {
      if (block.type !== 'tool_use') return block;
      const { json: _, ...rest } = block;
      return rest;
    }),
  };
}

/**
 * A message as the events of a stream, in the order of the Messages API.
 * @param isEager whether the input of a tool is sent as it is written. Otherwise it is held back until it is complete.
 */
export function* streamEvents(message: AnsweredMessage, isEager: (tool: string) => boolean): Generator<StreamEvent> {
  const { content, stop_reason, stop_details, usage } = message;
  const start = { ...wholeMessage({ ...message, content: [] }), stop_reason: null, stop_details: null };
  yield { type: 'message_start', message: { ...start, usage: { ...usage, output_tokens: 1 } } };
  yield { type: 'ping' };
  for (const [index, block] of content.entries()) {
    yield { type: 'content_block_start', index, content_block: emptied(block) };
    if (block.type === 'tool_use' && !isEager(block.name)) yield held;
    for (const delta of deltas(block)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
  }
  yield { type: 'message_delta', delta: { stop_reason, stop_sequence: null, stop_details }, usage };
  yield { type: 'message_stop' };
}

function emptied(block: AnsweredBlock): object {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: block.id, name: block.name, input: {} };
}

function deltas(block: AnsweredBlock): object[] {
  if (block.type === 'text') return pieces(block.text).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking') {
    const texts = block.thinking === '' ? [''] : pieces(block.thinking);
    return [
      ...texts.map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: block.signature },
    ];
  }
  const json = block.json ?? JSON.stringify(block.input);
  return pieces(json).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
}

/** Splits a text, but never between the two halves of a surrogate pair. */
export function pieces(text: string): string[] {
  const characters = [...text];
  const size = Math.max(PIECE_CHARACTERS, Math.ceil(characters.length / PIECES));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  );
}

/** An event in the wire format of server-sent events. */
function encodeEvent(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** How an interface keeps a silent stream alive, where its answer opens, and how its error event is written. */
interface StreamManners {
  ping: string;
  opens: (event: StreamEvent) => boolean;
  failure: (type: string, message: string) => StreamEvent;
}

const ownManners: StreamManners = {
  ping: encodeEvent({ type: 'ping' }),
  opens: ({ type, index }) => type === 'content_block_start' && index === 0,
  failure: (type, message) => ({ type: 'error', error: { type, message } }),
};

/** Sends the events as the plan says. A reader that leaves ends it. @returns whether the answer was sent completely. */
export async function sendStream(
  response: ServerResponse,
  events: readonly StreamEvent[],
  headers: Record<string, string>,
  plan: StreamPlan,
  { ping, opens, failure: failureEvent } = ownManners,
): Promise<boolean> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const wait = (ms: number) => (ms > 0 ? sleep(ms, undefined, { signal: gone.signal }) : undefined);
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  const { cut_after_events: cut, error_after_events: failure, ping_ms = plannedPing } = plan;
  const pingFor = async (ms = 0) => {
    for (let left = ms; left > 0; left -= ping_ms) {
      await wait(Math.min(left, ping_ms));
      response.write(ping);
    }
  };
  let at = -1;
  for (const event of events) {
    if (event === held) {
      await pingFor(plan.hold_ms);
      continue;
    }
    at += 1;
    if (at === cut) {
      // The bytes written so far must reach the reader before the connection is cut.
      await wait(30);
      response.destroy();
      return false;
    }
    if (failure && at === failure.events) {
      const { type, message } = failure;
      response.end(encodeEvent(failureEvent(type, message)));
      return false;
    }
    if (opens(event)) await pingFor(plan.silence_ms);
    response.write(encodeEvent(event));
    await wait((plan.pace_ms ?? 0) / events.length);
  }
  response.end();
  return true;
}
