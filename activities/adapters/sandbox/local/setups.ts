import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SandboxError } from '../../../ports/sandbox.ts';
import { freeMb } from '../../../support/disk-guard.ts';
import { isDiskFull } from './disk-full.ts';
import type { Layout } from './layout.ts';
import { lockFile } from './lock-file.ts';
import { run } from './run.ts';

export interface SetupLimits {
  /** All kept set-ups together, in MB. 0: none is kept. */
  max_mb: number;
  /** Unused for so many seconds, a set-up is deleted. */
  max_age: number;
  /** Free space, in MB, below which none is stored and the oldest are deleted. */
  reserve_mb: number;
}

interface Subject {
  layout: Layout;
  projectId: string;
  /** Command-line prefix that runs a program inside, as the user of commands. */
  enter: string[];
  workspace: string;
  home: string;
  hostPath: string;
}

const archives = ['workspace', 'home'] as const;
const timeoutMs = 600_000;
const lockSuffix = '.lock';
const keyPattern = /^[0-9a-f]{16,64}$/;

/**
 * What the set-up of a project left, by project and key: one archive of the workspace's untracked files and one of the home folder.
 * They are written and read by `tar` inside a sandbox, so nothing in them acts with more rights than a command has.
 */
export function openSetups(dataDir: string, limits: SetupLimits) {
  const root = path.join(dataDir, 'setups');

  function folderOf(projectId: string, key: string): string {
    if (!keyPattern.test(key) || !/^[\w-]+$/.test(projectId))
      throw new SandboxError('not_found', 'The key of a set-up must be a hexadecimal hash.');
    return path.join(root, projectId, key);
  }

  /** Locks that this process holds, by sandbox and key. */
  const claims = new Map<string, () => void>();

  async function claim(id: string, projectId: string, key: string): Promise<boolean> {
    if (claims.has(`${id} ${key}`)) return true;
    const folder = folderOf(projectId, key);
    await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
    const release = await lockFile(`${folder}${lockSuffix}`);
    if (release) claims.set(`${id} ${key}`, release);
    return release !== undefined;
  }

  async function release(id: string, key: string): Promise<void> {
    claims.get(`${id} ${key}`)?.();
    claims.delete(`${id} ${key}`);
  }

  /** The first call decides for a sandbox: later the files belong to the agent. */
  async function restore(subject: Subject, key: string): Promise<boolean> {
    const mark = path.join(subject.layout.platform, 'setup');
    const decided = await readFile(mark, 'utf8').catch(() => undefined);
    if (decided !== undefined) return decided === 'restored';
    // A sandbox that was settled before set-ups were kept.
    if (!existsSync(path.join(subject.layout.platform, 'unsettled'))) return true;
    const folder = folderOf(subject.projectId, key);
    const restored = existsSync(folder) && (await unpack(subject, folder));
    await writeFile(`${mark}.new`, restored ? 'restored' : 'absent');
    await rename(`${mark}.new`, mark);
    return restored;
  }

  async function unpack({ enter, layout, workspace, home, hostPath }: Subject, folder: string): Promise<boolean> {
    const now = new Date();
    await utimes(folder, now, now).catch(() => undefined);
    // A machine that lost its power may have kept the names of files without all of their content.
    if ((await readFile(path.join(folder, 'sizes'), 'utf8').catch(() => '')) !== (await sizesIn(folder))) {
      await remove(folder);
      return false;
    }
    const places = { workspace, home };
    for (const name of archives) {
      const unpacked = await run([...enter, 'tar', '-x', '-p', '-C', places[name], '-f', '-'], {
        env: { PATH: hostPath },
        stdinFile: path.join(folder, `${name}.tar`),
        maxBytes: 65_536,
        timeoutMs,
      }).catch(() => undefined);
      if (unpacked?.exitCode === 0) continue;
      if (isDiskFull(unpacked?.stderr ?? '', layout.workspace))
        throw new SandboxError('disk_full', 'The disk is full: the kept set-up could not be restored.');
      // The set-up runs again, on whatever is there.
      await remove(folder);
      return false;
    }
    return true;
  }

  /**
   * Keeps the present files, unless the sandbox is settled: then an agent may have written some.
   * @param others paths of the workspace that the project does not track.
   */
  async function save(subject: Subject, key: string, others: string[], ownFiles: string[]): Promise<void> {
    const folder = folderOf(subject.projectId, key);
    if (limits.max_mb === 0 || existsSync(folder) || !hasRoom()) return;
    if (!existsSync(path.join(subject.layout.platform, 'unsettled'))) return;
    const fresh = path.join(root, `.fresh-${randomBytes(6).toString('hex')}`);
    const { enter, workspace, home, hostPath } = subject;
    const pack = async (name: (typeof archives)[number], args: string[], input: string) => {
      const packed = await run([...enter, 'tar', '-c', '--one-file-system', ...args, '-f', '-'], {
        env: { PATH: hostPath },
        input,
        stdoutFile: path.join(fresh, `${name}.tar`),
        maxBytes: limits.max_mb * 2 ** 20,
        timeoutMs,
      });
      if (packed.exitCode !== 0) throw new Error(`The set-up was not kept: ${packed.stderr.slice(0, 300)}`);
    };
    try {
      await mkdir(fresh, { recursive: true, mode: 0o700 });
      await pack('workspace', ['-C', workspace, '--null', '--verbatim-files-from', '-T', '-'], others.join('\0'));
      const excluded = ownFiles.map((file) => `--exclude=./${file}`);
      await pack('home', ['-C', home, '--anchored', '--no-wildcards', ...excluded, '.'], '');
      await writeFile(path.join(fresh, 'sizes'), await sizesIn(fresh));
      await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
      await rename(fresh, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await remove(fresh);
      await trim();
    }
  }

  const hasRoom = () => (freeMb(root) ?? Infinity) > 2 * limits.reserve_mb;

  /** Deletes what is old, too much, or was left half-written; with little free space also the oldest others. */
  async function trim(): Promise<void> {
    const kept: { at: string; used: number; mb: number }[] = [];
    for (const project of await names(root)) {
      const folder = path.join(root, project);
      if (project.startsWith('.fresh-')) {
        const { mtimeMs = Date.now() } = (await stat(folder).catch(() => undefined)) ?? {};
        if (Date.now() - mtimeMs > 2 * timeoutMs) await remove(folder);
        continue;
      }
      for (const key of await names(folder)) {
        const entry = await measured(path.join(folder, key));
        if (!key.endsWith(lockSuffix)) kept.push(entry);
        else if (Date.now() - entry.used > limits.max_age * 1000) await remove(entry.at);
      }
    }
    let total = kept.reduce((sum, { mb }) => sum + mb, 0);
    for (const { at, used, mb } of kept.sort((a, b) => a.used - b.used)) {
      if (Date.now() - used <= limits.max_age * 1000 && total <= limits.max_mb && hasRoom()) continue;
      await remove(at);
      total -= mb;
    }
  }

  return { claim, release, restore, save, trim };
}

/** The sizes of the archives of a set-up in bytes. */
const sizesIn = async (folder: string) =>
  JSON.stringify(
    await Promise.all(
      archives.map(async (name) => (await stat(path.join(folder, `${name}.tar`)).catch(() => undefined))?.size),
    ),
  );

const names = (folder: string) => readdir(folder).catch(() => []);
const remove = (folder: string) => rm(folder, { recursive: true, force: true });

async function measured(at: string) {
  const sizes = await Promise.all(
    (await names(at)).map(async (name) => (await stat(path.join(at, name)).catch(() => undefined))?.size ?? 0),
  );
  const used = (await stat(at).catch(() => undefined))?.mtimeMs ?? 0;
  return { at, used, mb: sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20 };
}
