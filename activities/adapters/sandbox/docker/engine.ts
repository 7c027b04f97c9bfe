import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';

/** The oldest version of the interface that has all that is used: Docker 20.10, Podman 4. */
const version = 'v1.41';

export interface EngineRequest {
  query?: Record<string, string>;
  body?: unknown;
  /** A body that is not JSON. */
  content?: AsyncIterable<Uint8Array>;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** An answer of the engine that is not a success. */
export class EngineError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A client of a container engine's interface, over its socket or HTTP.
 * @param host unix:///PATH, tcp://HOST:PORT or http://HOST:PORT.
 */
export function createEngine(host: string) {
  const unix = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  const url = unix ? undefined : new URL(host.replace(/^tcp:/, 'http:'));
  const place = unix ? { socketPath: unix } : { host: url?.hostname, port: url?.port };

  /** @throws EngineError for a refusal; AppError('unavailable') when the engine does not answer. */
  async function open(method: string, path: string, options: EngineRequest = {}): Promise<IncomingMessage> {
    const { query, body, content, timeoutMs = 60_000, signal } = options;
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    const payload = body === undefined ? undefined : JSON.stringify(body);
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const headers = content
          ? { 'Content-Type': 'application/x-tar' }
          : payload
            ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }
            : {};
        const sent = httpRequest({ ...place, method, path: `/${version}${path}${search}`, headers, signal }, resolve);
        sent.on('error', reject);
        timer = setTimeout(() => sent.destroy(new Error('It took too long.')), timeoutMs);
        if (content) pipeline(Readable.from(content), sent).catch(reject);
        else sent.end(payload);
      });
      answer.on('close', () => clearTimeout(timer));
      // An answer that nobody reads to its end may still be cut off.
      answer.on('error', () => clearTimeout(timer));
      if ((answer.statusCode ?? 500) < 300 || answer.statusCode === 304) return answer;
      throw new EngineError(answer.statusCode ?? 500, reasonOf(await text(answer)));
    } catch (error) {
      clearTimeout(timer);
      signal?.throwIfAborted();
      if (error instanceof EngineError) throw error;
      throw new AppError('unavailable', `The container engine at ${host} does not answer: ${(error as Error).message}`);
    }
  }

  /** A connection that the engine gives up to the program that the request starts. */
  function connect(path: string, body: unknown): Promise<Duplex> {
    const payload = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const headers = {
        ...{ 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) },
        ...{ Connection: 'Upgrade', Upgrade: 'tcp' },
      };
      const sent = httpRequest({ ...place, method: 'POST', path: `/${version}${path}`, headers });
      sent.once('upgrade', (_answer, socket, head) => {
        socket.unshift(head);
        resolve(socket);
      });
      sent.once('response', (answer) => {
        answer.resume();
        reject(new EngineError(answer.statusCode ?? 500, 'The engine gave no connection.'));
      });
      sent.once('error', reject);
      sent.end(payload);
    });
  }

  /** The answer as JSON. */
  async function ask<T>(method: string, path: string, options?: EngineRequest): Promise<T> {
    return JSON.parse(await text(await open(method, path, options))) as T;
  }

  /** For a request whose answer says nothing but that it succeeded. */
  async function act(method: string, path: string, options?: EngineRequest): Promise<void> {
    (await open(method, path, options)).resume();
  }

  return { open, ask, act, connect };
}

function reasonOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return cutStart(String(message ?? body).replaceAll(/\s+/g, ' '), 300);
  } catch {
    return cutStart(body.trim(), 300);
  }
}

/** The error of a refused request for its reader. */
export function problemOf(error: unknown, what: string): unknown {
  if (!(error instanceof EngineError)) return error;
  return error.status >= 500
    ? new AppError('unavailable', `The container engine failed: ${what}: ${error.message}`)
    : new AppError('invalid_rule', `The container engine refuses: ${what}: ${error.message}`);
}
