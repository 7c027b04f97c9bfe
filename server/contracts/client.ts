/**
 * The typed client of the REST interface, for pages, the command line and tests. A call is its contract:
 *
 *     const { answer } = await request({ base: 'http://localhost:3000', headers }, getTask, { params: { id } });
 *     const call = createClient({ base, headers });
 *     const page = await call(listTasks, { query: { project_id, limit: 200 } });
 */
import type { z } from 'zod';
import type { Contract } from './contract.ts';

/** A part of a call's input. It is optional when all of its fields are. */
type Part<K extends string, S extends z.ZodType> =
  Record<never, never> extends z.input<S> ? { [P in K]?: z.input<S> } : { [P in K]: z.input<S> };

/** Parameters, query and body of a call, as its contract declares them. */
export type Input<C extends Contract> = Part<'params', C['params']> &
  Part<'query', C['query']> &
  Part<'body', C['body']>;

/** The body of a successful answer. */
export type Answer<C extends Contract> = z.output<C['response']>;

/** One row of a call that answers with a list. */
export type Item<C extends Contract> = Answer<C> extends { items: (infer T)[] } ? T : never;

/** An answer other than a success. `status` is 0 and `code` is `unreachable` where no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** The code of the error body, such as `not_found`. */
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    readonly details?: unknown,
  ) {
    super(message);
  }
}

export interface Connection {
  /** Origin of the API, such as `http://localhost:3000`; empty in the browser, whose pages share the API's origin. */
  base: string;
  headers?: Record<string, string>;
  /** Receives each successful answer before it is returned; tests parse it here by the contract's response schema. */
  check?: (contract: Contract, answer: unknown) => unknown;
}

/** Path and query of a call below the origin. Query fields that are undefined, null or empty are left out. */
export function addressOf<C extends Contract>(contract: C, input: Input<C>): string {
  const { params = {}, query = {} } = input as { params?: Record<string, string>; query?: Record<string, unknown> };
  const path = contract.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === null || value === '' ? [] : [[name, String(value)] as [string, string]],
    ),
  );
  return `/api/v1${path}${search.size > 0 ? `?${search}` : ''}`;
}

/**
 * One call of the REST interface.
 * @returns the answer's body and headers; text is returned as a string.
 * @throws ApiError for every answer but a success.
 */
export async function request<C extends Contract>(
  connection: Connection,
  contract: C,
  input: Input<C>,
): Promise<{ answer: Answer<C>; headers: Headers }> {
  const { body } = input as { body?: unknown };
  const response = await send(`${connection.base}${addressOf(contract, input)}`, {
    method: contract.method.toUpperCase(),
    headers: {
      ...connection.headers,
      ...(contract.method === 'get' ? {} : { 'content-type': 'application/json' }),
      ...(contract.method === 'post' ? onceOnly() : {}),
    },
    body: contract.method === 'get' ? undefined : JSON.stringify(body ?? {}),
  }).catch((error: unknown) => {
    throw new ApiError(
      0,
      'unreachable',
      'OmoiOS does not answer. It may be starting; try again in a moment.',
      null,
      String(error),
    );
  });
  const text = await response.text();
  const parsed = parseBody(text, response.headers.get('content-type'));
  if (response.ok)
    return {
      answer: (connection.check ? connection.check(contract, parsed) : parsed) as Answer<C>,
      headers: response.headers,
    };
  const { error, message, details } = errorOf(parsed);
  throw new ApiError(
    response.status,
    error ?? 'internal',
    message ?? `The API answered ${response.status}.`,
    response.headers.get('x-request-id'),
    details,
  );
}

/** Makes a POST safe to repeat. Browsers give random ids only to pages of a secure origin. */
const onceOnly = (): Record<string, string> =>
  typeof globalThis.crypto?.randomUUID === 'function' ? { 'idempotency-key': crypto.randomUUID() } : {};

/**
 * Sends a request, and once more where its connection broke before an answer: a server may close a kept connection while
 * the next request is on its way.
 */
async function send(address: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    if (init.method === 'POST' && !init.headers['idempotency-key']) throw error;
    return fetch(address, init);
  }
}

/** A client of one connection: `call(contract, input)` returns the answer's body. */
export function createClient(connection: Connection) {
  return async <C extends Contract>(contract: C, input: Input<C>): Promise<Answer<C>> =>
    (await request(connection, contract, input)).answer;
}

export type ApiClient = ReturnType<typeof createClient>;

/** All rows of a list, page by page. */
export async function allItems<C extends Contract>(call: ApiClient, contract: C, input: Input<C>): Promise<Item<C>[]> {
  const items: Item<C>[] = [];
  let cursor: string | null = null;
  do {
    const { query } = input as { query?: object };
    const paged = { ...input, query: { limit: 200, ...query, ...(cursor ? { cursor } : {}) } } as Input<C>;
    const page = (await call(contract, paged)) as { items: Item<C>[]; next_cursor: string | null };
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

function parseBody(text: string, type: string | null): unknown {
  if (text === '') return undefined;
  if (type !== null && !type.includes('json')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function errorOf(body: unknown): { error?: string; message?: string; details?: unknown } {
  return typeof body === 'object' && body !== null ? body : {};
}
