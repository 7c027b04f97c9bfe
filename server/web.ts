import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import express, { type RequestHandler } from 'express';
import { createRequestHandler, type GetLoadContextFunction } from '@remix-run/express';
import type { ServerBuild } from '@remix-run/node';
import { choices, environment, rootDir, type Config } from '#activities/services/config.ts';
import { previewOrigin } from '#activities/ports/page-link.ts';
import { judgeNote, offeredModels } from '#workflows/domain/agent/models.ts';
import { fromOwnPage, renewSession, withoutOldData, type PageParts } from './http/page-session.ts';

const webDir = path.join(rootDir, 'web');

export type Pages = (parts: PageParts) => RequestHandler[];

/** Serves the pages: from their build, or compiled on request during development. */
export async function webPages(config: Config): Promise<Pages> {
  if (config.server.web === 'none') return () => [];
  const apiUrl = `http://127.0.0.1:${config.server.port}`;
  const modelProvider = choices(config).model?.provider ?? '';
  const note = judgeNote(config.model);
  const offered = offeredModels(config.model);
  const frames = previewOrigin({ config }, '*');
  // Loaders call the API on this same origin, so each page shows that the API works.
  const getLoadContext = (
    req: { ip?: string; headers: { 'user-agent'?: string } },
    res: { locals: { access_token?: string; request_id?: string } },
  ) => ({
    apiUrl,
    modelProvider,
    judgeNote: note,
    offeredModels: offered,
    nightRaiseUsd: config.night.raise_usd,
    previewFrames: frames,
    accessToken: res.locals.access_token,
    requestId: String(res.locals.request_id),
    clientAddress: req.ip,
    userAgent: req.headers['user-agent'],
  });
  const session = (parts: PageParts) => [fromOwnPage, withoutOldData, renewSession(parts)];
  if (config.server.web === 'source') {
    const source = await fromSource(getLoadContext);
    return (parts) => [...session(parts), ...source];
  }

  const entry = path.join(webDir, 'build/server/index.js');
  if (!existsSync(entry)) return () => [];
  const build = await loadBuild(entry);
  const files = path.join(webDir, 'build/client');
  return (parts) => [
    below('/assets', express.static(path.join(files, 'assets'), { immutable: true, maxAge: '1y', index: false })),
    express.static(files, { maxAge: '1h', index: false }),
    ...session(parts),
    pages({ build, mode: 'production', getLoadContext }),
  ];
}

/**
 * React chooses its build when it is loaded, and the one for development renders several times slower. What this process
 * starts later must not see the variable: package managers leave out what a project needs for its tests.
 */
async function loadBuild(entry: string): Promise<ServerBuild> {
  const before = environment.NODE_ENV;
  environment.NODE_ENV = 'production';
  try {
    return (await import(pathToFileURL(entry).href)) as ServerBuild;
  } finally {
    if (before === undefined) Reflect.deleteProperty(environment, 'NODE_ENV');
    else environment.NODE_ENV = before;
  }
}

// Remix is typed against Express 4, whose handlers Express 5 runs unchanged.
const pages = (options: Parameters<typeof createRequestHandler>[0]) =>
  createRequestHandler(options) as unknown as RequestHandler;

async function fromSource(getLoadContext: GetLoadContextFunction): Promise<RequestHandler[]> {
  const vite = await (
    await import('vite')
  ).createServer({
    root: rootDir,
    configFile: path.join(webDir, 'vite.config.ts'),
    // Its own usual port would be taken by another stack that runs from source.
    server: { middlewareMode: true, hmr: { port: await freePort() } },
  });
  const build = () => vite.ssrLoadModule('virtual:remix/server-build') as Promise<ServerBuild>;
  return [(req, res, next) => vite.middlewares(req, res, next), pages({ build, mode: 'development', getLoadContext })];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function below(prefix: string, handler: RequestHandler): RequestHandler {
  const router = express.Router();
  router.use(prefix, handler);
  return router;
}
