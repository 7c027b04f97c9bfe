import { data, redirect, type AppLoadContext } from '@remix-run/node';
import type { Contract } from '#server/contracts/contract.ts';
import { ApiError, request, type Answer, type Input } from '#server/contracts/client.ts';

interface Where {
  request: Request;
  context: AppLoadContext;
}

/**
 * The API as the signed-in caller of a page. Who is not signed in is sent to do it and comes back.
 * @throws ApiError for any other refusal, for actions that tell it beside their form.
 */
export function apiOf({ request: incoming, context }: Where) {
  const headers: Record<string, string> = {
    'x-request-id': context.requestId,
    ...(context.accessToken ? { authorization: `Bearer ${context.accessToken}` } : {}),
  };
  return async <C extends Contract>(
    contract: C,
    input: Input<C>,
    options: { idempotencyKey?: string } = {},
  ): Promise<Answer<C>> => {
    try {
      return (
        await request(
          {
            base: context.apiUrl,
            headers: { ...headers, ...(options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {}) },
          },
          contract,
          input,
        )
      ).answer;
    } catch (error) {
      throw error instanceof ApiError && error.status === 401 ? redirect(signInAddress(incoming)) : error;
    }
  };
}

/** The same for loaders: a refusal becomes the page's error, shown inside the shell. */
export function apiFor(where: Where) {
  const api = apiOf(where);
  return async <C extends Contract>(contract: C, input: Input<C>): Promise<Answer<C>> => {
    try {
      return await api(contract, input);
    } catch (error) {
      throw error instanceof ApiError ? data(problemOf(error), { status: error.status || 503 }) : error;
    }
  };
}

export const problemOf = (error: ApiError) => ({
  error: error.code,
  message: error.message,
  request_id: error.requestId,
});

function signInAddress(incoming: Request): string {
  const url = new URL(incoming.url);
  const to = incoming.method === 'GET' ? `${url.pathname.replace(/\.data$/, '')}${url.search}` : '/command';
  return `/sign-in?to=${encodeURIComponent(to)}`;
}

/** A path on this site to go on to; anything else leads to the start. */
export function pathOr(fallback: string, wanted: string | null): string {
  return wanted && /^\/(?![/\\])/.test(wanted) ? wanted : fallback;
}
