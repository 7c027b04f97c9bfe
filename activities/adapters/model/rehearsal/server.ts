import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadScenarios } from './load-scenario.ts';
import type { WantedWork } from '../../../ports/model.ts';
import { playsWork } from './pick-session.ts';
import { play, type AnsweredMessage } from './play.ts';
import { requestSchema, type MessagesRequest } from './request.ts';
import type { Scenario } from './scenario-schema.ts';
import { encodeEvent, streamEvents } from './stream-message.ts';

export interface RehearsalOptions {
  /** Seconds that a turn of an agent takes while its text is streamed; 0 answers at once. */
  pace?: number;
  /** Folder of scenarios (*.yaml); the bundled ones unless given. */
  scenariosDir?: string;
  /** Names of the agent's tools. A scenario that calls another tool is refused. Absent: not checked. */
  tools?: readonly string[];
}

export interface RehearsalServer {
  /** Base URL for the Messages API, on loopback. */
  url: string;
  /** Why no scenario plays the work; undefined where one does. */
  refusal(work: WantedWork): string | undefined;
  close(): Promise<void>;
}

export const ownScenarios = path.join(import.meta.dirname, 'scenarios');

/**
 * Plays the model: answers POST /v1/messages in the form of Anthropic's API, from a script. It keeps no state between
 * requests, so another instance can take over at any time.
 * @throws ScenarioError when a scenario is not valid.
 */
export async function startRehearsalServer({
  pace = 0,
  scenariosDir = ownScenarios,
  tools,
}: RehearsalOptions = {}): Promise<RehearsalServer> {
  const scenarios = loadScenarios(scenariosDir, tools);
  const server = createServer((request, response) => {
    answer(request, response, scenarios, pace).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else
        sendError(
          response,
          500,
          'api_error',
          `The rehearsal model broke: ${error instanceof Error ? error.message : String(error)}`,
        );
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusal: (work) =>
      scenarios.some((scenario) => playsWork(scenario, work)) ? undefined : unknownSession(scenarios),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  scenarios: readonly Scenario[],
  pace: number,
): Promise<void> {
  const target = `${request.method} ${request.url?.split('?')[0]}`;
  if (target !== 'POST /v1/messages')
    return sendError(response, 404, 'not_found_error', `The rehearsal model answers POST /v1/messages, not ${target}.`);
  const asked = requestSchema.safeParse(parseJson(await bodyOf(request)));
  if (!asked.success)
    return sendError(
      response,
      400,
      'invalid_request_error',
      `${asked.error.issues[0]?.path.join('.')}: ${asked.error.issues[0]?.message}`,
    );

  const played = play(scenarios, asked.data);
  if (!played) return sendError(response, 400, 'invalid_request_error', unknownSession(scenarios));
  await send(asked.data, response, played.message, played.watched ? pace * 1000 : 0);
}

async function send(
  { stream }: MessagesRequest,
  response: ServerResponse,
  message: AnsweredMessage,
  milliseconds: number,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const wait = (time: number) => (time > 0 ? sleep(time, undefined, { signal: gone.signal }) : undefined);
  const headers = { 'request-id': `req_${message.id.slice(4)}`, 'cache-control': 'no-cache' };
  if (!stream) {
    await wait(milliseconds);
    response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(message));
    return;
  }
  const events = [...streamEvents(message)];
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  for (const event of events) {
    response.write(encodeEvent(event));
    await wait(milliseconds / events.length);
  }
  response.end();
}

function unknownSession(scenarios: readonly Scenario[]): string {
  const features = scenarios.map(({ feature }) => `"${feature.title}"`).join(', ');
  return `The rehearsal model is scripted and knows only the feature ${features} of the sample repository; set ANTHROPIC_API_KEY for a real model.`;
}

function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ type: 'error', error: { type, message } }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
