import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { killHolder } from './holder.ts';
import { layoutIn, sandboxesDir, type Layout } from './layout.ts';
import { endSessions, hostPath, isAlive, processIds, signal, sleep } from './processes.ts';

/** Ends all processes of a sandbox and deletes its folder. */
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
  // A process that starts the sandbox at this moment finds no folder any more, or is found here.
  await killHolder(gone);
  await removeTree(gone.root);
}

/** What each job's supervisor wrote: a line for itself and one for its command, each with the id and the start time. */
async function supervisorsOf(layout: Layout): Promise<string[][][]> {
  const jobs = await readdir(layout.jobs).catch(() => []);
  const supervisors = await Promise.all(
    jobs.map((job) => readFile(path.join(layout.jobs, job, 'supervisor'), 'utf8').catch(() => '')),
  );
  return supervisors.map((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  );
}

/** Ends all processes of a sandbox. Its files stay, and it can be revived. */
async function endAll(layout: Layout, hostPath: string): Promise<void> {
  await killHolder(layout);
  const lines = await supervisorsOf(layout);
  // Without isolation, commands are ordinary processes; each one leads its own session.
  for (const [, command] of lines)
    if (command && isAlive(Number(command[0]), command[1] ?? '')) await endSessions(Number(command[0]), 0, hostPath);
  endMarked(`${layout.jobs}\0`);
  // Supervisors end with their commands.
  const left = () =>
    lines.flatMap(([own]) => (own?.[0] && isAlive(Number(own[0]), own[1] ?? '') ? [Number(own[0])] : []));
  for (let tries = 0; tries < 200 && left().length > 0; tries++) await sleep(5);
  for (const pid of left()) signal(pid, 'SIGKILL');
}

/**
 * Ends processes that a command without isolation left in another session. Their environment still has the sandbox's
 * path.
 */
function endMarked(jobs: string): void {
  const mark = `\0OMOIOS_JOBS=${jobs}`;
  for (const pid of processIds()) {
    try {
      if (`\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(mark)) signal(pid, 'SIGKILL');
    } catch {
      // Gone, or a process of another user.
    }
  }
}

const commandGraceMs = 1500;

/**
 * Ends the processes of all sandboxes in a data folder, for a stack that stops: nothing of it may stay. Commands that
 * are about to end may do so. The files stay: a run that continues revives its sandbox.
 */
export async function endProcesses(dataDir: string): Promise<void> {
  const names = await readdir(sandboxesDir(dataDir)).catch(() => []);
  const layouts = names.map((name) => layoutIn(path.join(sandboxesDir(dataDir), name), name));
  const busy = async (layout: Layout) =>
    (await supervisorsOf(layout)).some(([own]) => own?.[0] && isAlive(Number(own[0]), own[1] ?? ''));
  for (const until = performance.now() + commandGraceMs; performance.now() < until; await sleep(50))
    if (!(await Promise.all(layouts.map(busy))).includes(true)) break;
  await Promise.all(layouts.map((layout) => endAll(layout, hostPath)));
}

/** Deletes a folder even when the agent removed the permissions for it. */
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

/** Entries may vanish meanwhile: a failed removal continues elsewhere in the folder for a while. */
async function openUp(dir: string): Promise<void> {
  await chmod(dir, 0o700).catch(() => undefined);
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await openUp(path.join(dir, entry.name));
}

const abandonedAfterMs = 60_000;

/** Removes leftovers of a process that died during a probe or a removal. */
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
