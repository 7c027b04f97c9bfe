import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { RepositoryError } from '../../ports/repositories.ts';
import type { proxyAgent } from '../model/proxy.ts';
import { timeLimit } from '../../support/time-limit.ts';

type ProxyAgent = NonNullable<ReturnType<typeof proxyAgent>>;

/** Of one request, its answer included. */
const timeoutMs = 30_000;
/** The version of the interface that this code was written for. */
const apiVersion = '2022-11-28';
/** Seconds to wait where GitHub's secondary limit names none: its documentation asks for at least a minute. */
const secondaryWait = 60;

/** A client of GitHub's API that acts with one token, or with none. @param dispatcher leads through the proxy of the environment. */
export function githubClient(apiUrl: string, token: string | undefined, dispatcher?: ProxyAgent): Octokit {
  return new Octokit({
    ...(token ? { auth: token } : {}),
    baseUrl: apiUrl,
    userAgent: 'omoios',
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    request: {
      headers: { 'x-github-api-version': apiVersion },
      fetch: async (url: string, init: RequestInit) => {
        const limit = timeLimit(timeoutMs, init.signal ?? undefined);
        try {
          const through = { ...init, signal: limit.signal, ...(dispatcher ? { dispatcher } : {}) };
          const answer = await fetch(url, through as RequestInit);
          // Read within the limit, since a body that never ends would hold the step.
          return new Response(answer.status === 204 || answer.status === 304 ? null : await answer.arrayBuffer(), {
            status: answer.status,
            headers: answer.headers,
          });
        } finally {
          limit.end();
        }
      },
    },
  });
}

/** GitHub's reasons for status 422. */
function reasonsOf(error: RequestError): string[] {
  const { errors, message } = (error.response?.data ?? {}) as { errors?: unknown; message?: unknown };
  const listed = Array.isArray(errors) ? (errors as unknown[]) : [];
  const reasons = listed.map((one) =>
    typeof one === 'string' ? one : String((one as { message?: unknown } | null)?.message ?? JSON.stringify(one)),
  );
  return reasons.length > 0 ? reasons : [String(message ?? error.message)];
}

/** What GitHub says to a refused request, in one line of at most 300 characters. */
export const said = (error: RequestError): string =>
  cutStart(reasonsOf(error).join('; ').replaceAll(/\s+/g, ' ').trim(), 300);

/** Whether GitHub answers with the status, and says something that fits the pattern. */
export const answers = (error: unknown, status: number, pattern = /^/): error is RequestError =>
  error instanceof RequestError && error.status === status && error.response !== undefined && pattern.test(said(error));

/** Seconds until the limit of requests lets the next one pass; undefined for another refusal. */
export function limitedFor(error: RequestError): number | undefined {
  if (error.status !== 403 && error.status !== 429) return undefined;
  const headers = error.response?.headers ?? {};
  const after = Number(headers['retry-after']);
  if (Number.isFinite(after) && after > 0) return after;
  if (headers['x-ratelimit-remaining'] === '0') {
    const reset = Number(headers['x-ratelimit-reset']);
    return Number.isFinite(reset) ? Math.max(1, Math.ceil(reset - Date.now() / 1000)) : secondaryWait;
  }
  return error.status === 429 || /secondary rate limit/i.test(error.message) ? secondaryWait : undefined;
}

/** An error that passes by itself; undefined for a refusal. @param then says what follows the wait. */
function passingOf(error: RequestError, place: string, then: string): AppError | undefined {
  const { status, response } = error;
  // Without an answer Octokit calls it 500, and a limit of time too.
  if (!response || status >= 500)
    return new AppError('unavailable', `GitHub does not answer for ${place}${response ? ` (${status})` : ''}.`);
  const wait = limitedFor(error);
  if (wait === undefined) return undefined;
  return new AppError('rate_limited', `GitHub takes no more requests for ${wait} s, then ${then}.`, {}, wait);
}

/** The error of a request to GitHub's GraphQL interface, whose answers to refused requests have status 200. */
function graphqlProblemOf({ errors: given, headers }: GraphqlResponseError<unknown>, place: string): Error {
  const errors: { type: string; message: string }[] = given ?? [];
  const words = cutStart(
    errors
      .map(({ message }) => message)
      .join('; ')
      .replaceAll(/\s+/g, ' '),
    300,
  );
  if (errors.some(({ type }) => type === 'RATE_LIMITED')) {
    const reset = Number(headers['x-ratelimit-reset']);
    const wait = reset > 0 ? Math.max(1, Math.ceil(reset - Date.now() / 1000)) : secondaryWait;
    return new AppError(
      'rate_limited',
      `GitHub takes no more requests for ${wait} s, then the work goes on.`,
      {},
      wait,
    );
  }
  const isMissing = errors.some(({ type }) => type === 'NOT_FOUND' || type === 'FORBIDDEN');
  return new RepositoryError(
    isMissing ? 'no_access' : 'refused',
    `GitHub refuses the request for ${place}: ${words}${isMissing ? ' Give the connection the rights to contents and pull requests.' : ''}`,
  );
}

/** The error of a request for its reader. @param place `owner/repository`. */
function problemOf(error: unknown, place: string): unknown {
  if (error instanceof GraphqlResponseError) return graphqlProblemOf(error, place);
  if (!(error instanceof RequestError)) return error;
  const { status } = error;
  const passing = passingOf(error, place, 'the work goes on');
  if (passing) return passing;
  if (status === 401)
    return new RepositoryError('no_access', `GitHub refuses the token for ${place}. Connect the repository again.`);
  if (status === 403)
    return new RepositoryError(
      'no_access',
      `GitHub refuses the request for ${place}: ${said(error)}. Give the connection the rights to contents and pull requests.`,
    );
  if (status === 404)
    return new RepositoryError(
      'no_access',
      `GitHub shows no ${place} to the connection. Check the address, and that the connection includes the repository.`,
    );
  return new RepositoryError('refused', `GitHub refuses the request for ${place}: ${said(error)}`);
}

/** @throws AppError and RepositoryError instead of the client's errors. */
export async function asking<T>(place: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw problemOf(error, place);
  }
}

/** The error of a request in a person's name, for that person. @param what they asked for. */
function personalProblemOf(error: unknown, what: string): unknown {
  if (!(error instanceof RequestError)) return error;
  const passing = passingOf(error, what, 'try again');
  if (passing) return passing;
  const words = said(error);
  if (error.status === 401)
    return new AppError(
      'invalid_rule',
      'GitHub refuses the token of your connection: it has expired or was revoked. Connect GitHub again in your settings.',
      { reason: 'reconnect' },
    );
  if (error.status === 404)
    return new AppError(
      'not_found',
      `GitHub shows no ${what} to your account. Check the name, and that your account and the organization there allow OmoiOS to read it.`,
    );
  if (error.status === 403) return new AppError('forbidden', `GitHub does not let your account do this: ${words}`);
  const conflict = error.status === 409 || /already exists(?! on this account)/i.test(words);
  return new AppError(conflict ? 'conflict' : 'invalid_rule', `GitHub refuses this: ${words}`);
}

/** Asks in a person's name. @throws AppError instead of the client's errors. */
export async function askingAs<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw personalProblemOf(error, what);
  }
}
