import { existsSync, readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { environment, loadConfig } from '#activities/services/config.ts';
import { ownerKeyFile } from '#activities/services/embedded.ts';
import type { Contract } from '#server/contracts/contract.ts';
import { ApiError, allItems, createClient, type Answer, type Input, type Item } from '#server/contracts/client.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';

/** An error for the user: a message without a stack trace, and the exit code. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = 1,
  ) {
    super(message);
  }
}

interface ClientOptions {
  api?: string;
  org?: string;
}

/** Calls the REST interface with OMOIOS_API_KEY, else with the key that the local stack wrote. */
export class Client {
  readonly base: string;
  private readonly headers: Record<string, string>;
  private readonly api: ReturnType<typeof createClient>;

  constructor(options: ClientOptions = {}) {
    const config = loadConfig();
    this.base = (options.api ?? environment.OMOIOS_API ?? `http://127.0.0.1:${config.server.port}`).replace(/\/$/, '');
    const file = ownerKeyFile(config.data_dir);
    const key = environment.OMOIOS_API_KEY ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined);
    if (!key) throw new CliError('No API key found. Set OMOIOS_API_KEY, or start the local stack with npm start.', 2);
    this.headers = { authorization: `Bearer ${key}`, ...(options.org ? { 'x-organization-id': options.org } : {}) };
    this.api = createClient({ base: this.base, headers: this.headers });
  }

  /**
   * One call, typed by its contract.
   * @throws CliError with the API's message; exit code 4 for an exceeded budget, 2 when the API does not answer.
   */
  call = async <C extends Contract>(contract: C, input: Input<C>): Promise<Answer<C>> => {
    try {
      return await this.api(contract, input);
    } catch (error) {
      throw this.asCliError(error);
    }
  };

  /** All rows of a list, page by page. */
  all<C extends Contract>(contract: C, input: Input<C>): Promise<Item<C>[]> {
    return allItems(this.call, contract, input);
  }

  private asCliError(error: unknown): unknown {
    if (!(error instanceof ApiError)) return error;
    if (error.code === 'unreachable')
      return new CliError(`OmoiOS does not answer at ${this.base}. Start it with npm start.`, 2);
    return new CliError(error.message, error.status === 402 ? 4 : 1);
  }

  /**
   * Listens to events, from now or after a number, and reconnects when the connection is lost. Each event arrives
   * exactly once, in order. Ends when `onEvent` returns true.
   */
  events(
    onEvent: (event: EventEnvelope) => boolean | undefined,
    after?: number,
  ): { done: Promise<void>; close(): void } {
    let socket: WebSocket | undefined;
    let lastSeq = after;
    let closed = false;
    let wait = 250;
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const connect = () => {
      const url = `${this.base.replace(/^http/, 'ws')}/api/v1/ws${lastSeq === undefined ? '' : `?after=${lastSeq}`}`;
      socket = new WebSocket(url, { headers: this.headers });
      socket.on('open', () => (wait = 250));
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as EventEnvelope & { error?: string; details?: { oldest: number } };
        // Older events are no longer kept: what is left follows.
        if (message.error === 'gone' && message.details) lastSeq = message.details.oldest - 1;
        if (message.seq === undefined) return;
        lastSeq = message.seq;
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
