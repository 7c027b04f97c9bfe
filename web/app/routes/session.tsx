import type { LoaderFunctionArgs } from '@remix-run/node';

/** Is somebody signed in? Asking renews an access token that ran out, as every page's request does. */
export const loader = ({ context }: LoaderFunctionArgs) =>
  new Response(null, { status: context.accessToken ? 204 : 401, headers: { 'Cache-Control': 'no-store' } });
