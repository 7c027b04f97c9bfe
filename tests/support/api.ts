import { setTimeout as sleep } from 'node:timers/promises';
import { allItems, request, type Answer as AnswerOf, type Input, type Item } from '#server/contracts/client.ts';
import type { Contract } from '#server/contracts/contract.ts';
import { checkAnswer, checkByAddress, ContractMismatch } from './checked-answer.ts';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
  headers: Headers;
}

type Json = Record<string, unknown>;

/** How much longer than a developer's machine one that checks every change may take. */
const slowness = process.env.CI ? 2 : 1;

/**
 * Calls the REST interface like an external client. `call` takes a contract, which types it; the methods that take a
 * path are for input that no contract allows. Both parse each answer by its contract, so a wrong one fails the test.
 */
export class Api {
  constructor(
    readonly url: string,
    readonly key: string | undefined,
  ) {}

  as(key: string | undefined): Api {
    return new Api(this.url, key);
  }

  private get connection() {
    return {
      base: this.url,
      headers: this.key ? { authorization: `Bearer ${this.key}` } : undefined,
      check: checkAnswer,
    };
  }

  /** @throws ApiError for every answer but a success. */
  call = async <C extends Contract>(contract: C, input: Input<C>): Promise<AnswerOf<C>> =>
    (await request(this.connection, contract, input)).answer;

  /** All rows of a list, page by page. */
  list = <C extends Contract>(contract: C, input: Input<C>): Promise<Item<C>[]> => allItems(this.call, contract, input);

  async request<T = Json>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const address = path.startsWith('/api') || path.startsWith('//') ? path.replace(/^\/\//, '/') : `/api/v1${path}`;
    const response = await fetch(`${this.url}${address}`, {
      method,
      headers: {
        ...(this.key ? { authorization: `Bearer ${this.key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    let parsed: unknown = text;
    try {
      parsed = text ? JSON.parse(text) : undefined;
    } catch {
      // Kept as text, such as a page.
    }
    checkByAddress(method, address, response.status, parsed);
    return { status: response.status, body: parsed as T, headers: response.headers };
  }

  /** The body of an answer. Fails unless the answer is a success. */
  async ok<T = Json>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request<T>(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  get = <T = Json>(path: string) => this.ok<T>('GET', path);
  post = <T = Json>(path: string, body: unknown = {}) => this.ok<T>('POST', path, body);

  /** All items of a list, page by page. */
  async all<T = Json>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: T[]; next_cursor: string | null } = await this.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return items;
  }

  /** Repeats a request until its answer is accepted. Fails with the last answer after the timeout. */
  async until<T = Json>(path: string, pleases: (body: T) => boolean, timeoutMs = 90_000): Promise<T> {
    const end = Date.now() + timeoutMs * slowness;
    let last: unknown;
    // Many tests wait at the same time and each request costs the stack time, so long waits ask less often.
    for (let pause = 40; ; pause = Math.min(pause * 1.2, 600)) {
      const answer = await this.request<T>('GET', path).catch((error: unknown) => {
        if (error instanceof ContractMismatch) throw error;
        return { status: 0, body: String(error) as T };
      });
      last = answer.body;
      if (answer.status === 200 && pleases(answer.body)) return answer.body;
      if (Date.now() > end)
        throw new Error(
          `GET ${path} never pleased within ${(timeoutMs * slowness) / 1000} s; it last was ${JSON.stringify(last)?.slice(0, 3000)}`,
        );
      await sleep(pause);
    }
  }
}

/** Waits for a condition. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 90_000,
): Promise<void> {
  const end = Date.now() + timeoutMs * slowness;
  for (let pause = 40; !(await holds()); pause = Math.min(pause * 1.15, 250)) {
    if (Date.now() > end) throw new Error(`It did not come about within ${(timeoutMs * slowness) / 1000} s: ${what}`);
    await sleep(pause);
  }
}
