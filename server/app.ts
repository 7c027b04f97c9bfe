import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import { choices } from '#activities/services/config.ts';
import { version } from '#activities/services/version.ts';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { asyncHandler } from './http/async-handler.ts';
import { createAuthenticator } from './http/authenticate.ts';
import { toHandler } from './http/define-route.ts';
import { errorHandler, sendError } from './http/errors.ts';
import { attachLive } from './http/live.ts';
import { openApiDocument } from './http/openapi.ts';
import { createPreviews } from './http/preview.ts';
import { createTokens } from './http/tokens.ts';
import { mcpEndpoint } from './mcp/endpoint.ts';
import { requestContext } from './http/request-context.ts';
import { requireUtf8Body } from './http/unsafe-text.ts';
import { allRoutes } from './routes/index.ts';
import { createAuth, type Auth } from './usecases/auth.ts';
import type { Pages } from './web.ts';

export interface App {
  express: Express;
  server: Server;
  auth: Auth;
  close(): void;
}

const resolve = createRequire(import.meta.url).resolve;

/** OBS-01: checks each service that work depends on, by name. */
async function readiness(services: Services): Promise<{ ready: boolean; parts: Record<string, string> }> {
  const asked: [string, () => Promise<unknown>][] = [
    ['database', () => services.store.ping()],
    ['temporal', () => services.workflows.ping()],
    ['bus', () => services.bus.ping()],
  ];
  const answers = await Promise.all(
    asked.map(async ([name, ask]) => {
      const late = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error('no answer within 3 s')), 3000).unref(),
      );
      return [
        name,
        await Promise.race([ask(), late]).then(
          () => 'ok',
          (error: Error) => error.message,
        ),
      ] as const;
    }),
  );
  const disk = services.disk.problem();
  // Without Redis only live updates are missing; work continues.
  return {
    ready: !disk && answers.every(([name, word]) => word === 'ok' || name === 'bus'),
    parts: { ...Object.fromEntries(answers), disk: disk ?? 'ok' },
  };
}

export function createApp(services: Services, options: { jwt_secret: string; pages?: Pages }): App {
  const tokens = createTokens(options.jwt_secret);
  const auth = createAuth(services, tokens);
  const authenticator = createAuthenticator(services.store, tokens);
  const routes = allRoutes(services, auth);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', ['loopback', ...services.config.server.trusted_proxies]);
  app.use(requestContext(services));

  app.get('/health', (_req, res) => void res.json({ status: 'ok', version }));
  app.get(
    '/ready',
    asyncHandler(async (_req, res) => {
      const { ready, parts } = await readiness(services);
      res.status(ready ? 200 : 503).json({
        status: ready ? 'ready' : 'not ready',
        parts,
        choices: Object.fromEntries(
          Object.entries(choices(services.config)).map(([part, choice]) => [
            part,
            { provider: choice.provider, embedded: choice.embedded },
          ]),
        ),
        isolated: services.sandbox.isolated,
        pid: process.pid,
      });
    }),
  );

  if (services.config.env !== 'production')
    serveDocs(app, () => openApiDocument(routes.map((route) => route.contract)));

  const api = express.Router();
  const verify = (_req: object, _res: object, bytes: Buffer, charset: string) => requireUtf8Body(bytes, charset);
  const expressPath = (path: string) => path.replace(/\{path\}$/, ':path(*)').replace(/\{(\w+)\}/g, ':$1');
  for (const { contract } of routes)
    if (contract.raw_body ?? contract.body_mb) {
      const limit = `${contract.body_mb ?? 1}mb`;
      const parse = contract.raw_body
        ? express.raw({ limit, type: () => true })
        : express.json({ limit, strict: false, verify });
      api.use(expressPath(contract.path), parse);
    }
  api.use(express.json({ limit: '1mb', strict: false, verify }));
  for (const route of routes) {
    api[route.contract.method](expressPath(route.contract.path), toHandler(services, authenticator, route));
  }
  const nothingThere: RequestHandler = (req, res) =>
    sendError(res, new AppError('not_found', `There is no ${req.method} ${req.originalUrl.split('?')[0]}. See /docs.`));
  app.use('/api/v1', api);
  app.use('/api', nothingThere);
  app.use('/mcp', mcpEndpoint(services, authenticator, routes));
  for (const page of options.pages?.({ auth, services }) ?? []) app.use(page);
  app.use(nothingThere);
  app.use(errorHandler(services.log));

  const previews = createPreviews(services, authenticator);
  const server = createServer((req, res) => void (previews.serve(req, res) || app(req, res)));
  // Longer than clients and proxies keep an idle connection: if the server closed it first, a request sent at that
  // moment would be lost.
  server.keepAliveTimeout = 75_000;
  const live = attachLive(server, services, authenticator, previews);
  return { express: app, server, auth, close: () => live.close() };
}

/** API-04: serves the OpenAPI description, made when it is first read, and two viewers for it, all from disk. */
function serveDocs(app: Express, describe: () => object): void {
  let document: object | undefined;
  app.get('/openapi.json', (_req, res) => void res.json((document ??= describe())));
  app.use('/docs/assets', express.static(path.dirname(resolve('swagger-ui-dist/package.json')), { index: false }));
  app.get('/redoc/redoc.standalone.js', (_req, res) => res.sendFile(resolve('redoc/bundles/redoc.standalone.js')));
  app.get('/docs', (_req, res) => void res.type('html').send(docsPage));
  app.get(
    '/docs/start.js',
    (_req, res) =>
      void res
        .type('js')
        .send("window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true });"),
  );
  app.get('/redoc', (_req, res) => void res.type('html').send(redocPage));
}

const head =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">';
const docsPage = `${head}<title>OmoiOS API</title><link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head><body><div id="docs"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`;
const redocPage = `${head}<title>OmoiOS API</title></head><body><redoc spec-url="/openapi.json"></redoc><script src="/redoc/redoc.standalone.js"></script></body></html>`;
