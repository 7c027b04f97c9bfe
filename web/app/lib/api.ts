import type { z } from 'zod';
import type { Contract } from '#server/contracts/contract.ts';

/** A part of a call's input; one that may be empty may be left out. */
type Part<K extends string, S extends z.ZodType> =
  Record<never, never> extends z.input<S> ? { [P in K]?: z.input<S> } : { [P in K]: z.input<S> };
export type Input<C extends Contract> = Part<'params', C['params']> &
  Part<'query', C['query']> &
  Part<'body', C['body']>;
export type Answer<C extends Contract> = z.output<C['response']>;

/** What the API answers when it does not do what it was asked. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    readonly details?: unknown,
  ) {
    super(message);
  }
}

export interface Via {
  /** Origin of the API; empty in the browser, whose pages come from the same one. */
  base: string;
  headers?: Record<string, string>;
}

/** The address of a call below the origin, with its parameters filled in. */
export function addressOf<C extends Contract>(contract: C, input: Input<C>): string {
  const { params = {}, query = {} } = input as { params?: Record<string, string>; query?: Record<string, unknown> };
  const path = contract.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
    ),
  );
  return `/api/v1${path}${search.size > 0 ? `?${search}` : ''}`;
}

/**
 * One call of the REST interface, typed by its contract.
 * @throws ApiError for every answer but a success, status 0 where none came.
 */
export async function request<C extends Contract>(
  via: Via,
  contract: C,
  input: Input<C>,
): Promise<{ answer: Answer<C>; headers: Headers }> {
  const { body } = input as { body?: unknown };
  const response = await fetch(`${via.base}${addressOf(contract, input)}`, {
    method: contract.method.toUpperCase(),
    headers: { ...via.headers, ...(contract.method === 'get' ? {} : { 'content-type': 'application/json' }) },
    body: contract.method === 'get' ? undefined : JSON.stringify(body ?? {}),
  }).catch((error: unknown) => {
    throw new ApiError(
      0,
      'unreachable',
      'OmoiOS does not answer. It may be starting anew; try again in a moment.',
      null,
      String(error),
    );
  });
  const text = await response.text();
  const parsed = parse(text);
  if (response.ok) return { answer: parsed as Answer<C>, headers: response.headers };
  const { error, message, details } = (parsed ?? {}) as { error?: string; message?: string; details?: unknown };
  throw new ApiError(
    response.status,
    error ?? 'internal',
    message ?? `The API answered ${response.status}.`,
    response.headers.get('x-request-id'),
    details,
  );
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
