import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootDir } from '#activities/services/config.ts';
import { acquireLock } from './lock.ts';

const tty = process.stdout.isTTY;

/** Prints a step while it runs, and how long it took. On a terminal its progress lines overwrite each other. */
export async function step<T>(
  title: string,
  work: (say: (line: string) => void) => Promise<T>,
  quiet = false,
): Promise<T> {
  const started = Date.now();
  const say = (line: string) => {
    if (tty) process.stdout.write(`\r\x1b[2K· ${title}: ${line}`);
    else console.log(`· ${title}: ${line}`);
  };
  if (tty) process.stdout.write(`· ${title} ...`);
  try {
    const result = await work(say);
    const took = Date.now() - started;
    if (tty) process.stdout.write('\r\x1b[2K');
    if (!quiet || took > 1000) console.log(`✓ ${title} (${(took / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    if (tty) process.stdout.write('\r\x1b[2K');
    console.error(`✗ ${title}: ${(error as Error).message}`);
    throw error;
  }
}

const cacheDir = path.join(rootDir, '.cache');
const stampsFile = path.join(cacheDir, 'stamps.json');

function hashInputs(inputs: string[]): string {
  const hash = createHash('sha256');
  const visit = (file: string) => {
    const info = statSync(file);
    if (info.isDirectory()) {
      for (const name of readdirSync(file).sort()) {
        if (!['build', 'build.next', 'generated', 'node_modules', '.cache'].includes(name))
          visit(path.join(file, name));
      }
    } else {
      hash.update(path.relative(rootDir, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  };
  for (const input of inputs) if (existsSync(path.join(rootDir, input))) visit(path.join(rootDir, input));
  return hash.digest('hex');
}

const upToDate = (title: string, hash: string, output: string) => {
  const stamps = (existsSync(stampsFile) ? JSON.parse(readFileSync(stampsFile, 'utf8')) : {}) as Record<string, string>;
  return stamps[title] === hash && existsSync(path.join(rootDir, output));
};

/**
 * Runs a build step only when its inputs changed since its last success, or when its output is missing. When several
 * processes start in one checkout, one builds and the others wait for it.
 */
export async function whenChanged(
  options: { title: string; inputs: string[]; output: string },
  work: (say: (line: string) => void) => Promise<void>,
): Promise<void> {
  const hash = hashInputs(options.inputs);
  if (upToDate(options.title, hash, options.output)) return;
  let lock = await acquireLock('build', rootDir);
  for (; !lock; lock = await acquireLock('build', rootDir)) await sleep(100);
  try {
    if (!upToDate(options.title, hash, options.output)) await build(options.title, hash, work);
  } finally {
    lock.release();
  }
}

async function build(title: string, hash: string, work: (say: (line: string) => void) => Promise<void>): Promise<void> {
  await step(title, work);
  mkdirSync(cacheDir, { recursive: true });
  const latest = (existsSync(stampsFile) ? JSON.parse(readFileSync(stampsFile, 'utf8')) : {}) as Record<string, string>;
  writeFileSync(stampsFile, JSON.stringify({ ...latest, [title]: hash }, null, 1));
}
