import type { LoaderFunctionArgs } from '@remix-run/node';

/** Answers whether the user is signed in, and renews an expired access token, as every request for a page does. */
export const loader = ({ context }: LoaderFunctionArgs) =>
  new Response(null, { status: context.accessToken ? 204 : 401, headers: { 'Cache-Control': 'no-store' } });
