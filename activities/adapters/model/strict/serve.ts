import type { IncomingMessage, ServerResponse } from 'node:http';
import { factsOf } from '#workflows/domain/agent/models.ts';
import type { Admitted, PlayedAnswer, StrictWire } from './index.ts';
import { refusal, type Refusal } from './refusal.ts';
import { sendStream, streamEvents, wholeMessage, type StreamPlan } from './stream.ts';
import { piecesOf, promptTokens } from './tokens.ts';

/** What a player does with an admitted request: an answer, an error of the provider, or nothing at all. */
export type Play =
  | (PlayedAnswer & StreamPlan)
  | { status: number; type: string; message: string; headers?: Record<string, string> }
  | { hang: true };

export interface Served {
  raw: string;
  /** Absent for another path than POST /v1/messages. */
  admitted?: Admitted;
  refused?: Refusal;
  /** The answer was sent to its end. */
  isComplete: boolean;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

let served = 0;

export function sendError(response: ServerResponse, failure: Refusal & { headers?: Record<string, string> }): void {
  const request_id = `req_${(served += 1)}`;
  const { status, type, message, headers } = failure;
  response
    .writeHead(status, { 'content-type': 'application/json', 'request-id': request_id, ...headers })
    .end(JSON.stringify({ type: 'error', error: { type, message }, request_id }));
}

/**
 * Answers one HTTP request by the rules of the wire: POST /v1/messages by the player, POST /v1/messages/count_tokens
 * and GET /v1/models/{id} by itself.
 */
export async function serve(
  wire: StrictWire,
  request: IncomingMessage,
  response: ServerResponse,
  play: (admitted: Admitted, raw: string) => Play | Promise<Play>,
): Promise<Served> {
  const path = request.url?.split('?')[0] ?? '';
  const raw = await bodyOf(request);
  const refuse = (refused: Refusal): Served => {
    sendError(response, refused);
    return { raw, refused, isComplete: false };
  };
  const isCount = path === '/v1/messages/count_tokens';
  const model = factsOf(/^\/v1\/models\/([^/]+)$/.exec(path)?.[1] ?? '');
  if (request.method === 'GET' && model.is_known) {
    const { id, window, max_output } = model;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ type: 'model', id, display_name: id, max_input_tokens: window, max_tokens: max_output }),
    );
    return { raw, isComplete: true };
  }
  if (request.method !== 'POST' || (path !== '/v1/messages' && !isCount))
    return refuse(refusal(404, `Not found: ${request.method} ${path}. This provider answers POST /v1/messages.`));

  // Counting takes the same body without a limit of the output.
  const admitted = wire.admit(request.headers, isCount ? raw.replace(/^\{/, '{"max_tokens":1,') : raw);
  if ('refused' in admitted) return refuse(admitted.refused);
  if (isCount) {
    const input_tokens = promptTokens(piecesOf(admitted.body, admitted.model));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ input_tokens }));
    return { raw, isComplete: true };
  }
  const played = await play(admitted, raw);
  if ('hang' in played) return { raw, admitted, isComplete: false };
  if ('status' in played) {
    sendError(response, played);
    return { raw, admitted, isComplete: false };
  }
  if (request.socket.destroyed) return { raw, admitted, isComplete: false };
  const message = wire.answer(admitted, played);
  const headers = { 'request-id': `req_${message.id.slice(4)}`, 'cache-control': 'no-cache' };
  if (admitted.body.stream) {
    const eager = new Set(admitted.body.tools?.flatMap((tool) => (tool.eager_input_streaming ? [tool.name] : [])));
    const events = [...streamEvents(message, (tool) => eager.has(tool))];
    return { raw, admitted, isComplete: await sendStream(response, events, headers, played) };
  }
  response
    .writeHead(200, { ...headers, 'content-type': 'application/json' })
    .end(JSON.stringify(wholeMessage(message)));
  return { raw, admitted, isComplete: true };
}
