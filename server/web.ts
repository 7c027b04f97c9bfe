import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import express, { type RequestHandler } from 'express';
import { createRequestHandler } from '@remix-run/express';
import type { ServerBuild } from '@remix-run/node';
import { rootDir, type Config } from '#activities/services/config.ts';

/** The pages, from their build; none where the web app was not built. */
export async function webPages(config: Config): Promise<RequestHandler[]> {
  const entry = path.join(rootDir, 'web/build/server/index.js');
  if (!existsSync(entry)) return [];
  const build = (await import(pathToFileURL(entry).href)) as ServerBuild;
  const assets = path.join(rootDir, 'web/build/client');
  return [
    mounted('/assets', express.static(path.join(assets, 'assets'), { immutable: true, maxAge: '1y', index: false })),
    express.static(assets, { maxAge: '1h', index: false }),
    // Loaders ask the API on this same origin, so every page proves it.
    createRequestHandler({ build, mode: 'production', getLoadContext: () => ({ apiUrl: `http://127.0.0.1:${config.server.port}` }) }) as unknown as RequestHandler,
  ];
}

function mounted(prefix: string, handler: RequestHandler): RequestHandler {
  const router = express.Router();
  router.use(prefix, handler);
  return router;
}
