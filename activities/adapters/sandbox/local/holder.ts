import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { SandboxError } from '../../../ports/sandbox.ts';
import { insideUid, mappedUid, type Isolation } from './isolation.ts';
import type { Layout } from './layout.ts';
import { inside } from './mounts.ts';
import { alone, bootId, isAlive, onlyEnv, processFacts, scripts, signal, sleep } from './processes.ts';
import { cutEnd } from '#workflows/domain/text.ts';

/** The processes that keep a sandbox's namespaces alive. They belong to no worker. */
export interface Holder {
  /** bubblewrap itself, outside, in the sandbox's outer user namespace. */
  owner: number;
  /** Process 1 of the sandbox, by its id on the host. */
  child: number;
}

const infoSchema = z.object({ 'child-pid': z.number(), 'pid-namespace': z.number() });

const startTimeoutMs = 10_000;
/** Exit code of flock(1) when another process holds the lock of the sandbox. */
const taken = 75;

function readText(layout: Layout, name: string): string {
  try {
    return readFileSync(path.join(layout.holder, name), 'utf8');
  } catch {
    return '';
  }
}

/** The owner if it still runs. Its start time distinguishes it from a later process with the same id. */
function liveOwner(layout: Layout): number | undefined {
  const [boot, pid, startTime = ''] = readText(layout, 'owner').trim().split(' ');
  return boot === bootId && isAlive(Number(pid), startTime) ? Number(pid) : undefined;
}

function readInfo(layout: Layout) {
  try {
    return infoSchema.parse(JSON.parse(readText(layout, 'info')));
  } catch {
    return undefined;
  }
}

/** The sandbox's processes, or undefined unless all of them run and the sandbox is ready. */
export function readHolder(layout: Layout): Holder | undefined {
  const owner = liveOwner(layout);
  const child = readInfo(layout)?.['child-pid'];
  if (!owner || !child || processFacts(child)?.parent !== owner || readText(layout, 'ready') === '') return undefined;
  return { owner, child };
}

/** Exit code of a program that SIGKILL ended. */
const killed = 137;

/**
 * For a program that failed in a sandbox: the reason may be that the sandbox ended, which says nothing of the program.
 * @param holder the processes when the program started. Undefined without isolation.
 * @throws SandboxError('lost') when they do not run any more.
 */
export async function assertHeld(layout: Layout, holder: Holder | undefined, exitCode: number): Promise<void> {
  if (!holder) return;
  const held = () => readHolder(layout)?.child === holder.child;
  // Process 1 of the sandbox ends a moment after the processes that it takes with it.
  for (let tries = 0; exitCode === killed && held() && tries < 25; tries++) await sleep(20);
  if (!held()) throw lostProcesses(layout);
}

export const lostProcesses = (layout: Layout) =>
  new SandboxError('lost', `The processes of sandbox ${layout.id} are gone; its files may be there still.`);

const lookSeconds = 3;

/**
 * The program of process 1: it reports that all is set up, then only reaps, so that no command can end it. When the
 * sandbox's folder is deleted, it ends, and all processes with it. A subshell checks for that. It starts no process,
 * since commands may have used up the limit; a subshell that a command kills is replaced.
 */
const reap = [
  'exec </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-',
  'printf ready >&9',
  'exec 9>&- 2>/dev/null',
  'exec 8<> <(:)',
  `until (until mapfile -t REPLY </proc/self/mountinfo; [[ "\${REPLY[*]}" == *"//deleted ${inside.jobs} "* ]]; do read -r -t ${lookSeconds} -u 8; done); do :; done`,
].join('; ');

/**
 * Starts the sandbox's processes, or waits for those that another process starts right now: the owner holds a lock for
 * its whole life, so only one can exist.
 * @throws SandboxError('lost') with the error of bubblewrap.
 */
export async function startHolder(
  layout: Layout,
  isolation: Isolation,
  mounts: string[],
  hostPath: string,
): Promise<Holder> {
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline) {
    const running = readHolder(layout);
    if (running) return running;
    if (!liveOwner(layout)) killLeftChild(layout);

    const attempt = await spawnOwner(layout, isolation.kind === 'mapped', mounts, hostPath);
    while (performance.now() < deadline) {
      const holder = readHolder(layout);
      if (holder) return holder;
      const code = attempt.exitCode();
      if (code !== undefined && code !== taken)
        throw new SandboxError(
          'lost',
          `The sandbox could not be started: ${cutEnd(readText(layout, 'errors').trim(), 500)}`,
        );
      // The process that had the lock may have died before the sandbox was ready.
      if (code === taken && !liveOwner(layout)) break;
      await sleep(2);
    }
    await sleep(20);
  }
  throw new SandboxError('lost', 'The sandbox did not start within 10 s.');
}

/**
 * Starts the chain lock > user namespace > bubblewrap, in which each program replaces the one before in the same
 * process.
 */
async function spawnOwner(
  layout: Layout,
  mapped: boolean,
  mounts: string[],
  hostPath: string,
): Promise<{ exitCode(): number | undefined }> {
  const lock = ['flock', '--nonblock', '--no-fork', '-E', String(taken), path.join(layout.holder, 'lock')];
  const outer = ['unshare', '--user', ...(mapped ? [] : ['--map-root-user'])];
  const bubblewrap = ['bash', '--norc', scripts.holder, layout.holder, mapped ? '0' : '1', ...mounts];
  // Mapping a user id that is root outside takes a capability; beyond the inner namespace it has no effect.
  const inner = [
    '--cap-add',
    'CAP_SETFCAP',
    '--',
    'unshare',
    '--user',
    `--map-user=${insideUid}`,
    `--map-group=${insideUid}`,
  ];
  const [program = '', ...args] = [
    ...alone,
    ...lock,
    ...outer,
    ...bubblewrap,
    ...(mapped ? ['--'] : inner),
    'bash',
    '-c',
    reap,
  ];

  const errors = openSync(path.join(layout.holder, 'errors'), 'a', 0o600);
  const child = spawn(program, args, {
    cwd: '/',
    env: onlyEnv({ PATH: hostPath }),
    stdio: ['pipe', 'ignore', errors],
    detached: true,
  });
  closeSync(errors);
  let exitCode: number | undefined;
  child.on('error', () => (exitCode = 127));
  child.on('exit', (code) => (exitCode = code ?? 1));
  child.stdin?.on('error', () => undefined);
  child.unref();

  if (mapped && child.pid) await mapUsers(child.pid, () => exitCode !== undefined);
  child.stdin?.end('\n');
  return { exitCode: () => exitCode };
}

/** Maps two users in a new user namespace: the platform's as root inside, and the user of commands. */
async function mapUsers(pid: number, ended: () => boolean): Promise<void> {
  const own = readlinkSync('/proc/self/ns/user');
  const map = `0 0 1\n${insideUid} ${mappedUid} 1\n`;
  try {
    while (!ended()) {
      if (readlinkSync(`/proc/${pid}/ns/user`) !== own) {
        writeFileSync(`/proc/${pid}/uid_map`, map);
        writeFileSync(`/proc/${pid}/gid_map`, map);
        return;
      }
      await sleep(1);
    }
  } catch {
    // It has ended, or the platform may not map the ids: bubblewrap reports that itself.
  }
}

/**
 * Ends process 1 of a sandbox whose owner is gone. Its namespace proves that the id was not given to another process.
 */
function killLeftChild(layout: Layout): void {
  const info = readInfo(layout);
  if (!info || readText(layout, 'owner').split(' ')[0] !== bootId) return;
  try {
    if (readlinkSync(`/proc/${info['child-pid']}/ns/pid`) === `pid:[${info['pid-namespace']}]`)
      signal(info['child-pid'], 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/** Ends every process of the sandbox: they all die with its process 1. */
export async function killHolder(layout: Layout): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    killLeftChild(layout);
    const owner = liveOwner(layout);
    if (!owner) return;
    // bubblewrap ends with its child. One without a child, or a stuck one, is killed.
    if (!readInfo(layout) || tries > 50) signal(owner, 'SIGKILL');
    await sleep(tries < 20 ? 2 : 20);
  }
}
