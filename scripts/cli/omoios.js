#!/usr/bin/env node
// The command's entry: its compiled program, or its sources where one of them is newer.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
if (!existsSync(path.join(root, 'node_modules/tsx'))) {
  console.error('OmoiOS is not set up yet. Run: npm run build');
  process.exit(2);
}
const compiled = path.join(root, '.cache/programs/cli/main.js');
if (isNew()) {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(compiled).href);
} else {
  // For imports and for what Temporal requires by path alike.
  await import('tsx');
  await import('./main.ts');
}

function isNew() {
  try {
    const { mtimeMs } = statSync(compiled);
    const sources = JSON.parse(readFileSync(path.join(path.dirname(compiled), 'sources.json'), 'utf8'));
    return sources.every((file) => statSync(path.join(root, file)).mtimeMs < mtimeMs);
  } catch {
    return false;
  }
}
