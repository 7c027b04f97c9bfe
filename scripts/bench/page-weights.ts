import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rootDir } from '#activities/services/config.ts';
import { round } from './numbers.ts';

interface Assets {
  entry: { module: string; imports: string[] };
  routes: Record<string, { id: string; parentId?: string; module: string; imports?: string[] }>;
}

/** Kilobytes of JavaScript, packed, that a browser loads for each page. */
export async function pageWeights(): Promise<Record<string, number>> {
  const entry = path.join(rootDir, 'web/build/server/index.js');
  if (!existsSync(entry)) throw new Error('The pages are not built: npm run build.');
  const { assets } = (await import(pathToFileURL(entry).href)) as { assets: Assets };
  const sizeOf = (address: string) => gzipSync(readFileSync(path.join(rootDir, 'web/build/client', address))).length;
  const weights: Record<string, number> = {};
  for (const route of Object.values(assets.routes)) {
    const files = new Set([assets.entry.module, ...assets.entry.imports]);
    for (let at: typeof route | undefined = route; at; at = assets.routes[at.parentId ?? ''])
      for (const address of [at.module, ...(at.imports ?? [])]) files.add(address);
    weights[route.id] = round([...files].reduce((sum, address) => sum + sizeOf(address), 0) / 1024);
  }
  return weights;
}
