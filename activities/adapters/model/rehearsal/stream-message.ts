import type { Block } from './request.ts';
import type { AnsweredMessage } from './play.ts';

export interface StreamEvent {
  type: string;
  [field: string]: unknown;
}

/** At most this many pieces per block, each with at least `PIECE_CHARACTERS` characters. */
const PIECES = 24;
const PIECE_CHARACTERS = 16;

/** A message as the events of a stream, in the order of the Messages API. */
export function* streamEvents(message: AnsweredMessage): Generator<StreamEvent> {
  const { content, stop_reason, stop_sequence, usage, ...head } = message;
  const { output_tokens, ...input } = usage;
  yield {
    type: 'message_start',
    message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...input, output_tokens: 1 } },
  };
  yield { type: 'ping' };
  for (const [index, block] of content.entries()) {
    yield { type: 'content_block_start', index, content_block: emptied(block) };
    for (const delta of deltas(block)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
  }
  yield { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: { ...input, output_tokens } };
  yield { type: 'message_stop' };
}

/** An event in the wire format of server-sent events. */
export function encodeEvent(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function emptied(block: Block): Block {
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
}

function deltas(block: Block): object[] {
  if (block.type === 'text') return pieces(String(block.text)).map((text) => ({ type: 'text_delta', text }));
  return pieces(JSON.stringify(block.input)).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
}

/** Splits a text, but never between the two halves of a surrogate pair. */
function pieces(text: string): string[] {
  const characters = [...text];
  const size = Math.max(PIECE_CHARACTERS, Math.ceil(characters.length / PIECES));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  );
}
