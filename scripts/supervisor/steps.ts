import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';

const tty = process.stdout.isTTY;

/** Prints a step while it runs and how long it took; on a terminal the lines of its progress overwrite each other. */
export async function step<T>(title: string, work: (say: (line: string) => void) => Promise<T>, quiet = false): Promise<T> {
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

export const cacheDir = path.join(rootDir, '.cache');
const stampsFile = path.join(cacheDir, 'stamps.json');

function hashInputs(inputs: string[]): string {
  const hash = createHash('sha256');
  const visit = (file: string) => {
    const info = statSync(file);
    if (info.isDirectory()) {
      for (const name of readdirSync(file).sort()) {
        if (!['build', 'generated', 'node_modules', '.cache'].includes(name)) visit(path.join(file, name));
      }
    } else {
      hash.update(path.relative(rootDir, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  };
  for (const input of inputs) if (existsSync(path.join(rootDir, input))) visit(path.join(rootDir, input));
  return hash.digest('hex');
}

/** Runs a build step only when its inputs changed since it last succeeded, or its output is gone. */
export async function whenChanged(options: { title: string; inputs: string[]; output: string }, work: (say: (line: string) => void) => Promise<void>): Promise<void> {
  const hash = hashInputs(options.inputs);
  const stamps = (existsSync(stampsFile) ? JSON.parse(readFileSync(stampsFile, 'utf8')) : {}) as Record<string, string>;
  if (stamps[options.title] === hash && existsSync(path.join(rootDir, options.output))) return;
  await step(options.title, work);
  mkdirSync(cacheDir, { recursive: true });
  const latest = (existsSync(stampsFile) ? JSON.parse(readFileSync(stampsFile, 'utf8')) : {}) as Record<string, string>;
  writeFileSync(stampsFile, JSON.stringify({ ...latest, [options.title]: hash }, null, 1));
}
