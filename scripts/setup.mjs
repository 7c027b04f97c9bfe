// The first step of every command. It is plain JavaScript because a fresh clone has only Node and npm.
// It checks Node and the machine, installs the packages when the lock file changed, then runs scripts/supervisor/main.ts.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `OmoiOS needs Node 20.19 or newer; this is ${process.version}. Install it from nodejs.org or with: nvm install 22`,
  );
  process.exit(2);
}

const [command = 'start', ...rest] = process.argv.slice(2);
const { examine, notesOf } = await import('./prerequisites.mjs');
const findings = await examine({
  root,
  env: process.env,
  stack: !rest.includes('--no-stack'),
  listens: command !== 'prepare',
});
const missing = notesOf(findings, 'missing');
const warnings = notesOf(findings, 'warning');
if (missing.length > 0) {
  console.error(['✗ This machine is not ready for OmoiOS:', ...missing, ...warnings].join('\n'));
  console.error('Nothing was installed. Fix this, then run the same command again.');
  process.exit(2);
}

const stampFile = path.join(root, 'node_modules/.omoios-packages');
const stamp = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  const started = Date.now();
  if (warnings.length > 0) console.warn(['! Something is missing that a real model needs:', ...warnings].join('\n'));
  process.stdout.write('· packages: npm ci (a minute the first time) ...\n');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const result = spawnSync(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (result.status !== 0) {
    console.error(
      '✗ packages: npm ci failed, see its output above. Check the network and the disk, then run the same command again.',
    );
    process.exit(1);
  }
  writeFileSync(stampFile, stamp);
  console.log(`✓ packages (${((Date.now() - started) / 1000).toFixed(0)} s)`);
}

const { register } = await import('tsx/esm/api');
register();
await import(pathToFileURL(path.join(root, 'scripts/supervisor/main.ts')).href);
