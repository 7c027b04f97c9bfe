import { createHash, randomBytes } from 'node:crypto';
import { existsSync, rmSync, statSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ToolVersion } from '../../../../ports/sandbox.ts';
import type { PackageSettings } from '../packages/collect.ts';
import { readPackageSettings } from '../packages/index.ts';
import type { Ran } from '../run.ts';
import { Finder, type Toolchains } from './find.ts';
import { programs, versionIn } from './programs.ts';

/** Parts of the machine that commands in a sandbox see. */
export interface Offered {
  packages: PackageSettings;
  toolchains: Toolchains;
  /** Folder with the links to programs. */
  links: string;
}

const versionsSchema = z.array(z.strictObject({ name: z.string(), version: z.string(), path: z.string() }));

/** The tool chains of this machine, found again when a folder of PATH has changed. */
export function openToolchains(
  dataDir: string,
  environment: Record<string, string | undefined>,
  packageSettings: 'auto' | 'none',
) {
  const root = path.join(dataDir, 'toolchains');
  let last: { stamp: string; found: Promise<Offered> } | undefined;

  async function offer(): Promise<Offered> {
    const toolchains = new Finder(environment).find();
    const names = createHash('sha256').update(JSON.stringify(toolchains.links)).digest('hex').slice(0, 16);
    const links = path.join(root, `links-${names}`);
    await atomically(links, async (fresh) => {
      await mkdir(fresh, { recursive: true });
      await chmod(fresh, 0o755);
      for (const [name, target] of Object.entries(toolchains.links)) await symlink(target, path.join(fresh, name));
    });
    return { toolchains, links, packages: readPackageSettings(environment, packageSettings) };
  }

  function current(): Promise<Offered> {
    const stamp = stampOf(environment.PATH ?? '');
    if (last?.stamp !== stamp) last = { stamp, found: offer() };
    return last.found;
  }

  /** The programs that work, measured in a sandbox once for each state of the machine's tool chains. */
  async function versions(inSandbox: (argv: string[]) => Promise<Ran>): Promise<ToolVersion[]> {
    const { toolchains } = await current();
    const file = path.join(root, `versions-${toolchains.key}.json`);
    const known = versionsSchema.safeParse(parsed(await readFile(file, 'utf8').catch(() => '')));
    if (known.success) return known.data;
    const measured = await measure(inSandbox);
    await atomically(file, (fresh) => writeFile(fresh, JSON.stringify(measured)));
    return measured;
  }

  return { current, versions };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Creates a file or folder as a whole, unless it exists. */
async function atomically(at: string, create: (fresh: string) => Promise<unknown>): Promise<void> {
  if (existsSync(at)) return;
  await mkdir(path.dirname(at), { recursive: true });
  const fresh = `${at}.${randomBytes(6).toString('hex')}`;
  try {
    await create(fresh);
    await rename(fresh, at);
  } catch (error) {
    if (!existsSync(at)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** A folder of PATH may be missing, or closed to the platform's user: then no program comes from it. */
function changedAt(folder: string): number | '' {
  try {
    return statSync(folder).mtimeMs;
  } catch {
    return '';
  }
}

const stampOf = (searchPath: string): string =>
  searchPath
    .split(':')
    .map((folder) => `${folder} ${changedAt(folder)}`)
    .join('\n');

/** The home folder, so that no version file of a project decides. */
const ask = 'cd; at=$(command -v "$1") || exit 3; echo "$at"; exec timeout 20 "$@" 2>&1';
const atOnce = 3;

async function measure(inSandbox: (argv: string[]) => Promise<Ran>): Promise<ToolVersion[]> {
  const waiting = Object.entries(programs);
  const found: ToolVersion[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, args] = next;
      if (args.length === 0) continue;
      const { exitCode, stdout } = await inSandbox(['bash', '-c', ask, 'bash', name, ...args]);
      const [at = '', ...output] = stdout.toString().split('\n');
      const version = versionIn(output.join('\n'));
      if (exitCode === 0 && version) found.push({ name, version, path: at });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const order = Object.keys(programs);
  return found.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}
