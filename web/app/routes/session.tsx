import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { me } from '#server/contracts/auth.ts';
import { ApiError, request as ask } from '#server/contracts/client.ts';
import { withoutToken } from '../lib/api.server.ts';

const answer = (status: number) => new Response(null, { status, headers: { 'Cache-Control': 'no-store' } });

/**
 * Answers whether the user is signed in, and renews an expired access token, as every request for a page does. The API
 * decides: a token outlives the sign-in that it is of.
 */
export const loader = async ({ context }: LoaderFunctionArgs) => {
  if (!context.accessToken) return answer(401);
  try {
    await ask({ base: context.apiUrl, headers: { authorization: `Bearer ${context.accessToken}` } }, me, {});
    return answer(204);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Without the refused token, this same address renews it from the refresh token, or answers 401.
    return error.status === 401 ? redirect('/session', { headers: withoutToken }) : answer(error.status || 503);
  }
};
