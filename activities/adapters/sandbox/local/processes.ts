import { readFileSync, readdirSync } from 'node:fs';
import { spawn } from 'node:child_process';
import path from 'node:path';

/** Search path of the host's programs: bubblewrap, util-linux, git. */
export const hostPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const isLinux = process.platform === 'linux';

/** Changes with every boot of the machine, so that a process id from before a boot is never taken for a present one. */
export const bootId = isLinux ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : '';

interface ProcessFacts {
  parent: number;
  /** Clock ticks since boot. Together with the id it identifies a process. */
  startTime: string;
}

/** The kernel's facts about a process; undefined when it is gone or a zombie. */
export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may contain any character.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X'
      ? undefined
      : { parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** Whether the process that had this id and start time still runs. */
export function isAlive(pid: number, startTime: string): boolean {
  if (isLinux) return processFacts(pid)?.startTime === startTime;
  return signal(pid, 0);
}

/** Sends a signal; false when there is no such process. A negative id means a process group. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

const script = (name: string) => path.join(import.meta.dirname, 'scripts', name);
export const scripts = {
  sift: script('sift.sh'),
  alone: script('alone.sh'),
  holder: script('holder.sh'),
  job: script('job.sh'),
  port: script('port.mjs'),
  end: script('end.sh'),
  workspace: script('workspace.sh'),
  jobCommand: script('job'),
};

/** The environment unchanged. The cast is needed because types of other packages claim that it must hold NODE_ENV. */
export const onlyEnv = (env: Record<string, string>) => env as NodeJS.ProcessEnv;

/** Command-line prefix that keeps inherited open files from a program. */
export const alone = ['bash', '--norc', scripts.alone];

/** Ends the sessions that a process and its descendants lead: first with TERM, after `graceSeconds` with KILL. */
export function endSessions(pid: number, graceSeconds: number, path: string): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('bash', [scripts.end, String(pid), String(graceSeconds)], {
      stdio: 'ignore',
      cwd: '/',
      env: onlyEnv({ PATH: path }),
    });
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
}

/** Waits for `ms` milliseconds. */
export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Ids of all processes; [] when there is no /proc. */
export function processIds(): number[] {
  return isLinux
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : [];
}
