import { watch } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CommandState } from '../../../ports/sandbox.ts';
import { jobDir, type Layout } from './layout.ts';
import { isAlive } from './processes.ts';

/** The state of a command: whether it runs, and how it ended. */
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
  // The command may have ended between the two checks.
  return (await endedState(dir, workspace, logBytes)) ?? { state: 'lost' };
}

/** Whether the file is new: a supervisor writes its id right after it creates the file. */
async function isFresh(file: string): Promise<boolean> {
  const made = await stat(file).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs < 2000;
}

async function endedState(dir: string, workspace: string, logBytes: number): Promise<CommandState | undefined> {
  const code = /^(\d+)\n/.exec(await readFile(path.join(dir, 'exit'), 'utf8').catch(() => ''))?.[1];
  if (code === undefined) return undefined;
  const report = await readStart(path.join(dir, 'report'), 8192);
  const [pid = '', ended] = report.split('\0');
  // The command's shell reported nothing: the sandbox was gone, and the exit code is that of the entrance.
  if (!/^\d+$/.test(pid) && Number(code) < 128) return { state: 'lost' };
  const [startFile, endFile, log] = await Promise.all(
    ['supervisor', 'exit', 'log'].map((name) => stat(path.join(dir, name)).catch(() => undefined)),
  );
  const cwd = ended?.endsWith('\n') ? path.posix.relative(workspace, ended.slice(0, -1)) : undefined;
  return {
    state: 'exited',
    exit_code: Number(code),
    ...(startFile && endFile && { duration_ms: Math.max(0, Math.round(endFile.mtimeMs - startFile.mtimeMs)) }),
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
 * Waits for the end of a command. The file system notifies; a check twice a second covers missed notifications.
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

/** A notification that is remembered when it comes while no call waits. */
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
    // No such job, or the machine has no file watches left. The periodic check is enough.
    return undefined;
  }
}
