import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, type Play } from '../strict/serve.ts';
import { sendStream } from '../strict/stream.ts';
import type { AdmittedBody, OpenAiRefusal, StrictOpenAiWire } from './index.ts';
import { asMessages } from './messages.ts';
import { responseEvents, wholeResponse } from './stream.ts';

export interface ServedResponse {
  /** The request as a player knows requests; the body as it came where it was refused. */
  raw: string;
  admitted?: AdmittedBody;
  refused?: OpenAiRefusal;
  /** The answer was sent to its end. */
  isComplete: boolean;
}

let served = 0;

function sendError(
  response: ServerResponse,
  { status, error }: OpenAiRefusal,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-request-id': `req_${(served += 1)}`, ...headers })
    .end(JSON.stringify({ error }));
}

/** The silent stretches of a stream have comments, which clients skip. */
const manners = {
  ping: ': keepalive\n\n',
  opens: ({ type, output_index }: { type: string; output_index?: unknown }) =>
    type === 'response.output_item.added' && output_index === 0,
  failure: (type: string, message: string) => ({ type: 'error', code: type, message, param: null, sequence_number: 0 }),
};

export const isResponsesPath = (url: string | undefined): boolean => /^(?:\/v1)?\/responses(?:\?|$)/.test(url ?? '');

/**
 * Answers one POST /v1/responses by the rules of the wire.
 * @param play gets the request with the messages of the Messages API, which players know.
 */
export async function serveResponses(
  wire: StrictOpenAiWire,
  request: IncomingMessage,
  response: ServerResponse,
  play: (body: ReturnType<typeof asMessages>, raw: string) => Play | Promise<Play>,
): Promise<ServedResponse> {
  const sent = await bodyOf(request);
  const admitted = wire.admit(request.headers, sent);
  if ('refused' in admitted) {
    sendError(response, admitted.refused);
    return { raw: sent, refused: admitted.refused, isComplete: false };
  }
  const messages = asMessages(admitted.body);
  const raw = JSON.stringify(messages);
  const played = await play(messages, raw);
  if ('hang' in played) return { raw, admitted, isComplete: false };
  if ('status' in played) {
    const { status, type, message, headers } = played;
    sendError(response, { status, error: { type, code: type, param: null, message } }, headers);
    return { raw, admitted, isComplete: false };
  }
  if (request.socket.destroyed) return { raw, admitted, isComplete: false };
  const answer = wire.answer(admitted, played);
  if (!admitted.body.stream) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(wholeResponse(answer)));
    return { raw, admitted, isComplete: true };
  }
  const headers = { 'x-request-id': `req_${(served += 1)}`, 'cache-control': 'no-cache' };
  const isComplete = await sendStream(response, [...responseEvents(answer)], headers, played, manners);
  return { raw, admitted, isComplete };
}
