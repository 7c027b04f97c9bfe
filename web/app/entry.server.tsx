import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { createReadableStreamFromReadable, type AppLoadContext, type EntryContext } from '@remix-run/node';
import { RemixServer } from '@remix-run/react';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';
import { NonceProvider } from './lib/nonce.ts';

const abortDelay = 8000;
export const streamTimeout = abortDelay + 1000;

/**
 * A page may only load and run content from this origin, frame previews of apps alone, and be framed by no other page;
 * inline scripts carry the nonce.
 */
function contentPolicy(nonce: string, host: string, previews: string | undefined): string {
  const development = import.meta.env.DEV;
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    // In development, Vite inserts styles as elements and uses its own port. Style attributes only carry widths of
    // bars.
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    development ? "connect-src 'self' ws: wss:" : `connect-src 'self' ws://${host} wss://${host}`,
    `frame-src ${previews ?? "'none'"}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
  load: AppLoadContext,
): Promise<Response> {
  const nonce = randomBytes(16).toString('base64');
  const wholePage = isbot(request.headers.get('user-agent'));
  return new Promise((resolve, reject) => {
    let failed = false;
    const { pipe, abort } = renderToPipeableStream(
      <NonceProvider value={nonce}>
        <RemixServer context={context} url={request.url} abortDelay={abortDelay} nonce={nonce} />
      </NonceProvider>,
      {
        nonce,
        [wholePage ? 'onAllReady' : 'onShellReady']: () => {
          const body = new PassThrough();
          headers.set('Content-Type', 'text/html; charset=utf-8');
          headers.set(
            'Content-Security-Policy',
            contentPolicy(nonce, request.headers.get('host') ?? new URL(request.url).host, load.previewFrames),
          );
          headers.set('Cache-Control', 'no-store');
          resolve(new Response(createReadableStreamFromReadable(body), { headers, status: failed ? 500 : status }));
          pipe(body);
        },
        onShellError: reject,
        onError: (error: unknown) => {
          failed = true;
          console.error(error);
        },
      },
    );
    setTimeout(abort, abortDelay).unref();
  });
}

/** Errors of the API are not logged here: the server has already logged them. */
export function handleError(error: unknown, { request }: { request: Request }): void {
  if (!request.signal.aborted) console.error(error);
}
