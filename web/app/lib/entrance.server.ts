import { data, redirect, type ActionFunctionArgs } from '@remix-run/node';
import { login } from '#server/contracts/auth.ts';
import { ApiError, request as ask, type Answer, type Input } from '#server/contracts/client.ts';
import type { Contract } from '#server/contracts/contract.ts';

/** The API for a caller without a sign-in. Limits count the address of the browser, and sign-ins name it. */
export const visitorOf = ({ context }: Pick<ActionFunctionArgs, 'context'>) => ({
  base: context.apiUrl,
  headers: {
    ...(context.clientAddress ? { 'x-forwarded-for': context.clientAddress } : {}),
    ...(context.userAgent ? { 'user-agent': context.userAgent } : {}),
  },
});

type Tried<C extends Contract> =
  { answer: Answer<C>; refused?: undefined } | { answer?: undefined; refused: { problem: string; status: number } };

/** Calls the API; a refusal is a problem for the page to show, with what is wrong with each field. */
export async function tryCall<C extends Contract>(
  where: Pick<ActionFunctionArgs, 'context'>,
  contract: C,
  input: Input<C>,
): Promise<Tried<C>> {
  try {
    return { answer: (await ask(visitorOf(where), contract, input)).answer };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { refused: { problem: sentenceOf(error), status: error.status || 503 } };
  }
}

function sentenceOf({ message, status, details }: ApiError): string {
  if (status !== 422 || !Array.isArray(details)) return message;
  const problems = details as { field: string; message: string }[];
  return `${problems.map((one) => `${one.field.replace('new_', '')}: ${one.message}`).join('; ')}.`;
}

export const problem = ({ problem: said, status }: { problem: string; status: number }, fields: object = {}) =>
  data({ problem: said, ...fields }, { status });

/** Signs in and leads to a page, or to the sign-in page where more is asked for. */
export async function enter(where: Pick<ActionFunctionArgs, 'context'>, email: string, password: string, to: string) {
  try {
    const { headers: answered, answer } = await ask(visitorOf(where), login, { body: { email, password } });
    const headers = new Headers();
    for (const cookie of answered.getSetCookie()) headers.append('set-cookie', cookie);
    return redirect('challenge' in answer ? `/sign-in?step=code&to=${encodeURIComponent(to)}` : to, { headers });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return redirect(`/sign-in?to=${encodeURIComponent(to)}`);
  }
}
