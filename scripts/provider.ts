/**
 * `npm run provider [-- --port 4010]`: the strict providers of the Messages API and of the Responses API on loopback, for
 * trying by hand and for checks from outside. docs/models.md describes their plans.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadScenarios } from '#activities/adapters/model/rehearsal/load-scenario.ts';
import { play } from '#activities/adapters/model/rehearsal/play.ts';
import { ownScenarios } from '#activities/adapters/model/rehearsal/server.ts';
import type { MessagesRequest } from '#activities/adapters/model/rehearsal/request.ts';
import { ImpossibleAnswer, StrictWire } from '#activities/adapters/model/strict/index.ts';
import { StrictOpenAiWire } from '#activities/adapters/model/strict-openai/index.ts';
import { isResponsesPath, serveResponses } from '#activities/adapters/model/strict-openai/serve.ts';
import { sendError, serve, type Play } from '#activities/adapters/model/strict/serve.ts';

const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('thinking'), thinking: z.string() }),
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('tool_use'),
    id: z.string().default(() => `toolu_${randomBytes(12).toString('hex')}`),
    name: z.string(),
    input: z.unknown(),
    json: z.string().optional(),
  }),
]);
const milliseconds = z.number().nonnegative().optional();
/** The next answer, an error of the provider, silence, or a change of the account or of the clock. */
const planSchema = z.union([
  z.strictObject({
    content: z.array(block),
    stop_reason: z.string().optional(),
    stop_details: z.record(z.string(), z.unknown()).optional(),
    usage: z.record(z.string(), z.number()).optional(),
    cut_after_events: z.number().int().optional(),
    error_after_events: z.strictObject({ events: z.number().int(), type: z.string(), message: z.string() }).optional(),
    silence_ms: milliseconds,
    hold_ms: milliseconds,
    ping_ms: z.number().positive().optional(),
    pace_ms: milliseconds,
  }),
  z.strictObject({
    status: z.number().int(),
    type: z.string(),
    message: z.string(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ hang: z.literal(true) }),
  z.strictObject({ account: z.strictObject({ id: z.string(), created: z.iso.date() }) }),
  z.strictObject({ later_ms: z.number() }),
]);

const { values } = parseArgs({ options: { port: { type: 'string', default: '4010' } } });
const scenarios = loadScenarios(ownScenarios, undefined);
const planned: Play[] = [];
let shift = 0;
const now = () => Date.now() + shift;
const wire = new StrictWire({ now });
const openAi = new StrictOpenAiWire(now);

function answer(body: MessagesRequest): Play {
  const next = planned.shift();
  if (next) return next;
  const scripted = play(scenarios, body);
  return scripted?.answer ?? { content: [{ type: 'text', text: 'The strict provider accepts this request.' }] };
}

async function plan(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const parsed = planSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  if (!parsed.success)
    return sendError(response, { status: 400, type: 'invalid_plan', message: z.prettifyError(parsed.error) });
  if ('account' in parsed.data) {
    wire.account = parsed.data.account;
    openAi.account = parsed.data.account.id;
  } else if ('later_ms' in parsed.data) shift += parsed.data.later_ms;
  else planned.push(parsed.data);
  response.writeHead(204).end();
}

async function answerRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const served = isResponsesPath(request.url)
    ? await serveResponses(openAi, request, response, answer)
    : await serve(wire, request, response, ({ body }) => answer(body));
  const { refused, isComplete } = served;
  const words = refused && ('error' in refused ? refused.error.message : refused.message);
  console.log(`${request.method} ${request.url} ${refused ? `${refused.status} ${words}` : isComplete}`);
}

const server = createServer((request, response) => {
  const isPlan = request.method === 'POST' && request.url === '/plan';
  const done = isPlan ? plan(request, response) : answerRequest(request, response);
  done.catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    console.error(message);
    if (response.headersSent || response.destroyed) return response.destroy();
    const type = error instanceof ImpossibleAnswer ? 'impossible_answer' : 'invalid_plan';
    return sendError(response, { status: 500, type, message });
  });
});
await once(server.listen(Number(values.port), '127.0.0.1'), 'listening');
console.log(`The strict provider answers at http://127.0.0.1:${values.port}. Any key is accepted.`);
