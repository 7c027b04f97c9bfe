import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SandboxError, type CommandSpec } from '../../../ports/sandbox.ts';
import { jobDir, type Layout } from './layout.ts';
import { endSessions, isAlive, onlyEnv, scripts, sleep } from './processes.ts';

/** The parts that run a command, once its sandbox is known to run. */
export interface Entrance {
  /** Command-line prefix of the command's shell. */
  prefix: string[];
  /** Paths as the command sees them. */
  workspace: string;
  jobs: string;
  env: Record<string, string>;
  logBytes: number;
  hostPath: string;
  /** File that says what the command may reach; undefined: it has no network, or that of the machine. */
  policy?: string;
}

/**
 * The shell code around the command. It is one line, so that the shell counts the command's lines from 1. On descriptor
 * 9 it reports the process id as the sandbox sees it and, at the end, the directory. Arguments: job folder, start
 * directory, workspace.
 */
export const shell = [
  '{ read -r REPLY _ </proc/self/stat || REPLY=$$; } 2>/dev/null',
  `printf '%s\\0' "$REPLY" >&9`,
  `trap '{ pwd -P; printf "\\0"; } >&9 2>/dev/null' EXIT`,
  `while IFS= read -r -d '' REPLY; do export "$REPLY"; done <"$1/env"`,
  'cd -- "$2" 2>/dev/null || cd -- "$3"',
  'REPLY=$(<"$1/command")',
  'set --',
  'eval "$REPLY"',
].join('; ');

/** Exit code of job.sh when the disk was too full to start. */
const noRoom = 74;

/**
 * Starts a command under a supervisor that outlives this process.
 * @throws SandboxError('disk_full') when the disk is too full; a later call may succeed.
 */
export async function startCommand(layout: Layout, job: CommandSpec, entrance: Entrance): Promise<void> {
  const dir = jobDir(layout, job.job_id);
  const supervisor = path.join(dir, 'supervisor');
  if (existsSync(supervisor)) return;
  const env = Object.entries({ ...entrance.env, ...job.env }).map(([name, value]) => `${name}=${value}\0`);
  try {
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o755);
    await place(dir, 'command', job.command);
    await place(dir, 'env', env.join(''));
    // Space for the final report, reserved while the disk has some.
    await writeFile(path.join(dir, 'exit'), ' '.repeat(63) + '\n', { flag: 'wx' }).catch(ifThere);
    await writeFile(path.join(dir, 'report'), ' '.repeat(4096), { flag: 'wx' }).catch(ifThere);
  } catch (error) {
    throw diskFull(error);
  }

  const cwd = path.posix.join(entrance.workspace, job.cwd ?? '');
  const inJob = path.posix.join(entrance.jobs, job.job_id);
  const command = [...entrance.prefix, 'bash', '-c', shell, 'bash', inJob, cwd, entrance.workspace];
  const child = spawn(
    'bash',
    [scripts.job, dir, String(entrance.logBytes), process.execPath, entrance.policy ?? '', ...command],
    {
      cwd: '/',
      env: onlyEnv({ PATH: entrance.hostPath }),
      stdio: 'ignore',
      detached: true,
    },
  );
  let exitCode: number | undefined;
  child.on('error', () => (exitCode = 127));
  child.on('exit', (code) => (exitCode = code ?? 1));
  child.unref();
  while (!existsSync(supervisor)) {
    if (exitCode === noRoom) throw new SandboxError('disk_full', 'The disk is full: the command was not started.');
    if (exitCode !== undefined)
      throw new SandboxError('lost', `The command's supervisor could not be started (exit ${exitCode}).`);
    await sleep(1);
  }
}

/** Writes a file as a whole or not at all. */
async function place(dir: string, name: string, text: string): Promise<void> {
  const fresh = path.join(dir, `${name}.${randomBytes(6).toString('hex')}`);
  await writeFile(fresh, text);
  await chmod(fresh, 0o644);
  await rename(fresh, path.join(dir, name));
}

function ifThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function diskFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new SandboxError('disk_full', 'The disk is full: the command was not started.')
    : error;
}

const graceSeconds = 1;
const killTimeoutMs = 5000;

/** Ends all processes in the sessions of a running command, even right after its start. */
export async function killCommand(layout: Layout, jobId: string, hostPath: string): Promise<void> {
  const file = path.join(jobDir(layout, jobId), 'supervisor');
  const deadline = performance.now() + killTimeoutMs;
  while (performance.now() < deadline) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return;
    const [supervisor, command] = text
      .split('\n')
      .filter(Boolean)
      .map((line) => ({ pid: Number(line.split(' ')[0]), startTime: line.split(' ')[1] ?? '' }));
    // Neither is written yet when the supervisor has only just created the file.
    const running = command ?? supervisor;
    if (running && !isAlive(running.pid, running.startTime)) return;
    if (command) await endSessions(command.pid, graceSeconds, hostPath);
    await sleep(10);
  }
}
