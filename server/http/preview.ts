import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { pageLink, previewOrigin } from '#activities/ports/page-link.ts';
import type { Services } from '#activities/ports/services.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { AppError, errorStatus } from '#workflows/domain/errors.ts';
import { requireApproved, type Authenticator } from './authenticate.ts';
import { sha256 } from './tokens.ts';

export interface Previews {
  /** @returns false for a request to another host than a preview's. */
  serve(req: IncomingMessage, res: ServerResponse): boolean;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

/** Seconds after which the rights behind an open connection are read again. */
const recheckSeconds = 5;
/** Cookies of the platform. The browser sends none to a preview's host; one that a proxy sets stays here too. */
const ownCookie = /^\s*omoios_/i;

/**
 * Passes requests on to web apps in sandboxes, each at an origin of its own that begins with a viewer's token. Each request
 * reads again what the token leads to, and whether its viewer may see it.
 */
export function createPreviews(services: Services, authenticator: Authenticator): Previews {
  const { store, sandbox, log } = services;
  const sample = previewOrigin(services, 'token');
  const suffix = sample && new URL(sample).host.replace(/^token/, '');
  const pages = new URL(pageLink(services, '/')).origin;
  const proxy = createProxyServer({ cookieDomainRewrite: '', ws: true, proxyTimeout: 120_000 });
  proxy.on('proxyRes', (answer, req) => fence(answer, req));
  proxy.on('error', (error, _req, to) => {
    log.debug({ error: error.message }, 'a preview did not answer');
    if (!to || to instanceof Socket) return void to?.destroy();
    if (to.headersSent) return void to.destroy();
    refuse(to, 502, 'The app in the sandbox does not answer. Look at its preview in OmoiOS.');
  });

  const hostOf = (req: IncomingMessage) => req.headers.host?.toLowerCase() ?? '';
  const isPreview = (req: IncomingMessage) => suffix !== undefined && hostOf(req).endsWith(suffix);
  const originOf = (req: IncomingMessage) => `${new URL(sample ?? '').protocol}//${hostOf(req)}`;

  /** @throws AppError for a token that leads nowhere, or whose viewer may not see the preview, or not any more. */
  async function allowed(req: IncomingMessage) {
    const token = hostOf(req).slice(0, -(suffix ?? '').length);
    const found = /^[0-9a-f]{40}$/.test(token) ? await store.previews.ofToken(sha256(token)) : undefined;
    if (!found) throw new AppError('not_found', 'There is no such preview, or it has ended. Open it in OmoiOS again.');
    const actor = await authenticator.fromOwner(found.via === 'key' ? 'key' : 'session', found.owner_id);
    requireApproved(actor);
    const { organization_id: organization } = found.preview;
    const grant = actor.grants.find(({ organization_id: id }) => id === organization);
    if (!actor.is_super_admin && !grants(grant?.permissions ?? [], 'agent:read'))
      throw new AppError('forbidden', 'You may not see this preview any more.');
    return found;
  }

  /** Where the request goes. Its headers lose what is not the app's business. */
  async function target(req: IncomingMessage) {
    const { preview, port } = await allowed(req);
    // An absolute address would name another host.
    if (!/^\/(?!\/)/.test(req.url ?? '')) throw new AppError('invalid_rule', 'The path must begin with one slash.');
    const { origin } = req.headers;
    const foreign = origin !== undefined && origin !== originOf(req);
    if (foreign && (req.headers.upgrade !== undefined || !['GET', 'HEAD', 'OPTIONS'].includes(req.method ?? '')))
      throw new AppError('forbidden', 'Requests from other sites are refused.');
    const local = `localhost:${port}`;
    // Dev servers refuse other hosts and origins than their own.
    if (origin && !foreign) req.headers.origin = `http://${local}`;
    if (req.headers.referer?.startsWith(originOf(req)))
      req.headers.referer = req.headers.referer.replace(originOf(req), `http://${local}`);
    const cookies = (req.headers.cookie ?? '').split(';').filter((pair) => pair.trim() && !ownCookie.test(pair));
    if (cookies.length > 0) req.headers.cookie = cookies.join(';');
    else delete req.headers.cookie;
    for (const name of Object.keys(req.headers)) if (/^(x-)?forwarded/.test(name)) delete req.headers[name];
    const { socketPath } = await sandbox.openPort(preview.sandbox_id, port);
    return { target: { socketPath, protocol: 'http:', host: 'localhost', port }, headers: { host: local } };
  }

  /** Keeps an answer to its own host, and lets the pages of the platform alone frame it. */
  function fence(answer: IncomingMessage, req: IncomingMessage): void {
    const { headers } = answer;
    for (const name of ['x-frame-options', 'strict-transport-security', 'alt-svc']) delete headers[name];
    const policies = [headers['content-security-policy'] ?? [], `frame-ancestors ${pages}`].flat();
    headers['content-security-policy'] = policies.join(', ');
    // The address of a page is its viewer's secret.
    headers['referrer-policy'] = 'same-origin';
    const location = headers.location && URL.parse(headers.location);
    if (location && ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname))
      headers.location = originOf(req) + location.pathname + location.search + location.hash;
  }

  function refuse(res: ServerResponse, status: number, message: string): void {
    res.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': `default-src 'none'; frame-ancestors ${pages}`,
      'cache-control': 'no-store',
    });
    res.end(`${message}\n`);
  }

  function answerOf(error: unknown): [status: number, message: string] {
    if (error instanceof AppError) return [errorStatus[error.code], error.message];
    log.warn({ error: String(error) }, 'a preview failed');
    return [502, 'The preview does not answer. Try again.'];
  }

  /** Ends a connection, or an answer that goes on, such as server-sent events, with the right to see it. */
  function endWithRight(req: IncomingMessage, connection: Duplex | ServerResponse): void {
    const recheck = setInterval(() => {
      allowed(req).catch(() => connection.destroy());
    }, recheckSeconds * 1000);
    connection.on('close', () => clearInterval(recheck));
  }

  return {
    serve(req, res) {
      if (!isPreview(req)) return false;
      endWithRight(req, res);
      target(req)
        .then((to) => proxy.web(req, res, to))
        .catch((error: unknown) => !res.headersSent && refuse(res, ...answerOf(error)));
      return true;
    },

    upgrade(req, socket, head) {
      if (!isPreview(req)) return false;
      socket.on('error', () => socket.destroy());
      endWithRight(req, socket);
      target(req)
        .then((to) => proxy.ws(req, socket as Socket, to, head))
        .catch((error: unknown) => {
          const [status, message] = answerOf(error);
          socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${message}\n`);
        });
      return true;
    },
  };
}
