import { existsSync, readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { environment, loadConfig } from '#activities/services/config.ts';
import { ownerKeyFile } from '#activities/services/embedded.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';

/** What went wrong, and the exit code that says so. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = 1,
  ) {
    super(message);
  }
}

export interface ClientOptions {
  api?: string;
}

type Body = Record<string, unknown>;

/** Talks REST and nothing else: with OMOIOS_API_KEY, else with the key that the local stack wrote. */
export class Client {
  readonly base: string;
  private readonly key: string;

  constructor(options: ClientOptions = {}) {
    const config = loadConfig();
    this.base = (options.api ?? environment.OMOIOS_API ?? `http://127.0.0.1:${config.server.port}`).replace(/\/$/, '');
    const file = ownerKeyFile(config.data_dir);
    const key = environment.OMOIOS_API_KEY ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined);
    if (!key)
      throw new CliError('There is no API key: set OMOIOS_API_KEY, or start the local stack with npm start.', 2);
    this.key = key;
  }

  async call<T = Body>(method: string, path: string, body?: object): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.base}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${this.key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        body: body && JSON.stringify(body),
      });
    } catch {
      throw new CliError(`OmoiOS does not answer at ${this.base}. Start it with: npm start`, 2);
    }
    const text = await response.text();
    if (response.ok) return (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T;
    let message = text;
    try {
      message = (JSON.parse(text) as { message?: string }).message ?? text;
    } catch {
      // Not ours: a proxy's page, say.
    }
    throw new CliError(message || `${method} ${path} answered ${response.status}`, response.status === 402 ? 4 : 1);
  }

  get = <T = Body>(path: string) => this.call<T>('GET', path);
  post = <T = Body>(path: string, body: object = {}) => this.call<T>('POST', path, body);

  /**
   * Events from now or from a number on, over however many connections it takes: each once, in order.
   * Ends when `onEvent` returns true.
   */
  events(
    onEvent: (event: EventEnvelope) => boolean | undefined,
    after?: number,
  ): { done: Promise<void>; close(): void } {
    let socket: WebSocket | undefined;
    let seen = after;
    let closed = false;
    let wait = 250;
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const connect = () => {
      const url = `${this.base.replace(/^http/, 'ws')}/api/v1/ws${seen === undefined ? '' : `?after=${seen}`}`;
      socket = new WebSocket(url, { headers: { authorization: `Bearer ${this.key}` } });
      socket.on('open', () => (wait = 250));
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as EventEnvelope & { error?: string };
        if (message.seq === undefined) return;
        seen = message.seq;
        if (onEvent(message)) close();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (closed) return;
        setTimeout(connect, wait);
        wait = Math.min(wait * 2, 10_000);
      });
    };
    const close = () => {
      closed = true;
      socket?.close();
      finish();
    };
    connect();
    return { done, close };
  }
}
