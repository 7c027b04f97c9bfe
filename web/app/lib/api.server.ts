import { data, redirect, type AppLoadContext } from '@remix-run/node';
import { namesRecord, type Contract } from '#server/contracts/contract.ts';
import { ApiError, request, type Answer, type Input } from '#server/contracts/client.ts';
import { chosenOrganization } from './preferences.ts';
import { unpaidOf } from './unpaid.ts';

export const withoutToken = { 'set-cookie': 'omoios_access_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax' };

interface Where {
  request: Request;
  context: AppLoadContext;
}

/**
 * The API with the access token of the page's user. Without a valid one it redirects to the sign-in page and back.
 * @throws ApiError for any other error; an action shows it beside its form.
 */
export function apiOf({ request: incoming, context }: Where) {
  const headers: Record<string, string> = {
    'x-request-id': context.requestId,
    ...(context.accessToken ? { authorization: `Bearer ${context.accessToken}` } : {}),
  };
  const organization = chosenOrganization(incoming.headers.get('cookie'));
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
            headers: {
              ...headers,
              ...(organization && !namesRecord(contract, input) ? { 'x-organization-id': organization } : {}),
              ...(options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {}),
            },
          },
          contract,
          input,
        )
      ).answer;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // The token goes with it: the sign-in page would lead a browser that has one back here.
      if (error.status === 401) throw redirect(addressWith('/sign-in', incoming), { headers: withoutToken });
      throw asksForOrganization(error) ? redirect(addressWith('/organization', incoming)) : error;
    }
  };
}

/** The same for loaders: an error becomes the page's error, shown inside the shell. */
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
  unpaid: unpaidOf(error),
});

/** None of the viewer's several organizations is chosen, or the chosen one is not theirs any more. */
const asksForOrganization = ({ details }: ApiError) =>
  typeof details === 'object' && details !== null && 'organizations' in details;

/** The page's address, to come back to the wanted one. */
export function addressWith(page: string, incoming: Request): string {
  const url = new URL(incoming.url);
  const to = incoming.method === 'GET' ? `${url.pathname.replace(/\.data$/, '')}${url.search}` : '/command';
  return `${page}?to=${encodeURIComponent(to)}`;
}
