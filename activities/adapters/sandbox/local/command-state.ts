import { watch } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CommandState } from '../../../ports/sandbox.ts';
import { jobDir, type Layout } from './layout.ts';
import { isAlive } from './processes.ts';

/** Whether it runs, and how it ended. */
export async function commandState(
  layout: Layout,
  jobId: string,
  workspace: string,
  logBytes: number,
): Promise<CommandState> {
  const dir = jobDir(layout, jobId);
  const ended = await endedState(dir, workspace, logBytes);
  if (ended) return ended;
  const [pid, startTime = ''] =
    (await readFile(path.join(dir, 'supervisor'), 'utf8').catch(() => '')).split('\n')[0]?.split(' ') ?? [];
  if (pid ? isAlive(Number(pid), startTime) : await isFresh(path.join(dir, 'supervisor'))) return { state: 'running' };
  // It may have ended between the two looks.
  return (await endedState(dir, workspace, logBytes)) ?? { state: 'lost' };
}

/** A supervisor writes its id at once after making the file. */
async function isFresh(file: string): Promise<boolean> {
  const made = await stat(file).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs < 2000;
}

async function endedState(dir: string, workspace: string, logBytes: number): Promise<CommandState | undefined> {
  const code = /^(\d+)\n/.exec(await readFile(path.join(dir, 'exit'), 'utf8').catch(() => ''))?.[1];
  if (code === undefined) return undefined;
  const report = await readStart(path.join(dir, 'report'), 8192);
  const [pid = '', ended] = report.split('\0');
  // The command's shell never spoke: the sandbox was gone, and the code is the entrance's.
  if (!/^\d+$/.test(pid) && Number(code) < 128) return { state: 'lost' };
  const [begun, over, log] = await Promise.all(
    ['supervisor', 'exit', 'log'].map((name) => stat(path.join(dir, name)).catch(() => undefined)),
  );
  const cwd = ended?.endsWith('\n') ? path.posix.relative(workspace, ended.slice(0, -1)) : undefined;
  return {
    state: 'exited',
    exit_code: Number(code),
    ...(begun && over && { duration_ms: Math.max(0, Math.round(over.mtimeMs - begun.mtimeMs)) }),
    ...(cwd !== undefined && cwd !== '..' && !cwd.startsWith('../') && { cwd }),
    ...(log && log.size > logBytes && { output_exceeded: true }),
  };
}

async function readStart(file: string, bytes: number): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

const pollMs = 500;

/**
 * Waits for the command's end, told by the file system and, in case that is missed, by looking twice a second.
 * @throws the signal's reason once it is aborted.
 */
export async function waitCommand(
  look: () => Promise<CommandState>,
  exitFile: string,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<CommandState> {
  signal?.throwIfAborted();
  const deadline = performance.now() + timeoutMs;
  const bell = new Bell();
  const ring = () => bell.ring();
  const watcher = watchFile(exitFile, ring);
  signal?.addEventListener('abort', ring);
  try {
    for (;;) {
      const state = await look();
      signal?.throwIfAborted();
      const left = deadline - performance.now();
      if (state.state !== 'running' || left <= 0) return state;
      await bell.wait(Math.min(pollMs, left));
    }
  } finally {
    signal?.removeEventListener('abort', ring);
    watcher?.close();
  }
}

/** Remembers a ring that came while no call waited. */
class Bell {
  private rung = false;
  private wake = () => {};

  ring(): void {
    this.rung = true;
    this.wake();
  }

  async wait(ms: number): Promise<void> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.rung = false;
  }
}

function watchFile(file: string, changed: () => void) {
  try {
    const watcher = watch(file, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // No such job, or the machine has no watches left; looking must do.
    return undefined;
  }
}
