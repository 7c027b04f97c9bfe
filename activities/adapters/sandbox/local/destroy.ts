import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { killHolder } from './holder.ts';
import { layoutIn, sandboxesDir, type Layout } from './layout.ts';
import { endSessions, isAlive, processIds, signal, sleep } from './processes.ts';

/** Ends all that runs in a sandbox and deletes its folder. */
export async function destroyFolder(dataDir: string, layout: Layout, hostPath: string): Promise<void> {
  await endAll(layout, hostPath);
  const id = `.gone-${randomBytes(6).toString('hex')}`;
  const gone = layoutIn(path.join(sandboxesDir(dataDir), id), id);
  try {
    await rename(layout.root, gone.root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // A process that is just starting it finds no folder any more, or is found here.
  await killHolder(gone);
  await removeTree(gone.root);
}

async function endAll(layout: Layout, hostPath: string): Promise<void> {
  await killHolder(layout);
  const jobs = await readdir(layout.jobs).catch(() => []);
  const supervisors = await Promise.all(
    jobs.map((job) => readFile(path.join(layout.jobs, job, 'supervisor'), 'utf8').catch(() => '')),
  );
  const lines = supervisors.map((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  );
  // Without isolation, commands are processes like others: each leads a session of its own.
  for (const [, command] of lines)
    if (command && isAlive(Number(command[0]), command[1] ?? '')) await endSessions(Number(command[0]), 0, hostPath);
  endMarked(layout);
  // Supervisors end with their commands.
  const left = () =>
    lines.flatMap(([own]) => (own?.[0] && isAlive(Number(own[0]), own[1] ?? '') ? [Number(own[0])] : []));
  for (let tries = 0; tries < 200 && left().length > 0; tries++) await sleep(5);
  for (const pid of left()) signal(pid, 'SIGKILL');
}

/** What a plain command left running in another session still carries the sandbox's path in its environment. */
function endMarked(layout: Layout): void {
  const mark = `\0OMOIOS_JOBS=${layout.jobs}\0`;
  for (const pid of processIds()) {
    try {
      if (`\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(mark)) signal(pid, 'SIGKILL');
    } catch {
      // Gone, or a process of another user.
    }
  }
}

/** Deletes a folder even where the agent took the permissions for that away. */
async function removeTree(dir: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    } catch (error) {
      if (tries === 3) throw error;
      await openUp(dir);
    }
  }
}

/** Parts may vanish under it: a removal that failed at one file goes on elsewhere for a while. */
async function openUp(dir: string): Promise<void> {
  await chmod(dir, 0o700).catch(() => undefined);
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await openUp(path.join(dir, entry.name));
}

const abandonedAfterMs = 60_000;

/** Clears what a process that died while probing or destroying left behind. */
export async function sweep(dataDir: string): Promise<void> {
  const names = await readdir(sandboxesDir(dataDir)).catch(() => []);
  for (const name of names.filter((n) => /^\.(probe|gone)-/.test(n))) {
    const layout = layoutIn(path.join(sandboxesDir(dataDir), name), name);
    const found = await stat(layout.root).catch(() => undefined);
    if (!found || Date.now() - found.mtimeMs < abandonedAfterMs) continue;
    await killHolder(layout);
    await removeTree(layout.root);
  }
}
