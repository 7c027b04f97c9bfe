#!/usr/bin/env node
// The command's entry: TypeScript is loaded as it stands.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
if (!existsSync(path.join(root, 'node_modules/tsx'))) {
  console.error('OmoiOS is not set up yet. Run: npm run build');
  process.exit(2);
}
// For imports and for what Temporal requires by path alike.
await import('tsx');
await import('./main.ts');
