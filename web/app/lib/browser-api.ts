import { namesRecord, type Contract } from '#server/contracts/contract.ts';
import { ApiError, request, type Answer, type Connection, type Input } from '#server/contracts/client.ts';
import { chosenOrganization } from './preferences.ts';

/** Calls the API from the browser as the signed-in user; an expired access token is renewed once. */
export async function call<C extends Contract>(
  contract: C,
  input: Input<C>,
  options: {
    idempotencyKey?: string;
    /** Of a page about an organization that need not be the chosen one. */ organization?: string;
  } = {},
): Promise<Answer<C>> {
  const organization = options.organization ?? chosenOrganization(document.cookie);
  const via: Connection = {
    base: '',
    headers: {
      ...(organization && !namesRecord(contract, input) ? { 'x-organization-id': organization } : {}),
      ...(options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {}),
    },
  };
  try {
    return (await request(via, contract, input)).answer;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    const renewed = await fetch('/session');
    if (!renewed.ok) throw error;
    return (await request(via, contract, input)).answer;
  }
}

/** What a call failed with, as the pages show it: also where the server was not reached. */
export const asApiError = (caught: unknown): ApiError =>
  caught instanceof ApiError ? caught : new ApiError(0, 'internal', String(caught), null);
