import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandOutput, CommandSpec, CommandState, SandboxSpec } from '../../../ports/sandbox.ts';
import { shell } from '../local/commands.ts';
import { checkedJob } from '../local/layout.ts';
import { problemOf, type Calls } from './calls.ts';
import { root } from './install.ts';
import { workspace } from './paths.ts';

/** One call waits for so long, so that a wait costs few of them, and none is cut off by what is between here and there. */
const waitMs = 10_000;

const limitsOf = ({ limits }: SandboxSpec) => [limits.memory_mb, limits.processes, limits.file_size_mb].map(String);
const logBytes = ({ limits }: SandboxSpec) => limits.log_mb * 2 ** 20;

/** Commands in a sandbox on another machine: their state is in its files, so that every process finds it. */
export function createCommands({ call }: Calls) {
  return {
    async start(id: string, spec: SandboxSpec, job: CommandSpec): Promise<void> {
      const env = Object.entries(job.env ?? {}).map(([name, value]) => `${name}=${value}`);
      const answer = await call(
        id,
        [...['start', checkedJob(job.job_id), job.network, job.cwd ?? '', String(logBytes(spec))], ...limitsOf(spec)],
        { input: [shell, job.command, ...env].map((field) => `${field}\0`).join('') },
      );
      if (answer.exitCode !== 0) throw problemOf(answer, 'The start of a command');
    },

    async wait(
      id: string,
      spec: SandboxSpec,
      jobId: string,
      { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
    ): Promise<CommandState> {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        signal?.throwIfAborted();
        const left = Math.max(0, Math.min(waitMs, deadline - performance.now()));
        const words = ['wait', checkedJob(jobId), String(Math.ceil(left)), String(logBytes(spec))];
        const asked = call(id, words, { timeoutMs: left, signal });
        const answer = await (signal ? Promise.race([asked, aborted(signal, asked)]) : asked);
        if (answer.exitCode !== 0) throw problemOf(answer, 'The wait for a command');
        const state = stateOf(answer.stdout.toString().split('\0'));
        if (state.state !== 'running' || performance.now() >= deadline) return state;
      }
    },

    async output(id: string, jobId: string, limits: { headBytes: number; tailBytes: number }): Promise<CommandOutput> {
      const words = ['output', checkedJob(jobId), String(limits.headBytes), String(limits.tailBytes)];
      const answer = await call(id, words);
      if (answer.exitCode !== 0) throw problemOf(answer, 'The output of a command');
      const end = answer.stdout.indexOf(10);
      const [bytes = 0, lines = 0] = answer.stdout.subarray(0, end).toString().split(' ').map(Number);
      const read = answer.stdout.subarray(end + 1);
      const head = bytes <= limits.headBytes + limits.tailBytes ? read.length : limits.headBytes;
      return {
        head: read.subarray(0, head),
        tail: read.subarray(head),
        total_bytes: bytes,
        total_lines: lines,
        path: `${root}/jobs/${jobId}/log`,
      };
    },

    async kill(id: string, jobId: string): Promise<void> {
      const answer = await call(id, ['kill', checkedJob(jobId)]);
      if (answer.exitCode !== 0) throw problemOf(answer, 'The end of a command');
    },

    /** What limits one program of `exec`. */
    limitsOf,
  };
}

/** Rejects with the signal's reason. It never holds the process: it ends with the call that is waited for. */
async function aborted(signal: AbortSignal, until: Promise<unknown>): Promise<never> {
  const ended = new AbortController();
  const end = () => ended.abort();
  until.then(end, end);
  signal.addEventListener('abort', end, { once: true, signal: ended.signal });
  await sleep(2 ** 31 - 1, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
  signal.throwIfAborted();
  return new Promise<never>(() => undefined);
}

function stateOf([state, code, milliseconds, exceeded, ended]: string[]): CommandState {
  if (state !== 'exited') return { state: state === 'running' ? 'running' : 'lost' };
  const cwd = ended?.endsWith('\n') ? ended.slice(0, -1) : undefined;
  const inside = cwd === workspace || cwd?.startsWith(`${workspace}/`);
  return {
    state: 'exited',
    exit_code: Number(code),
    duration_ms: Math.max(0, Number(milliseconds)),
    ...(inside && { cwd: cwd?.slice(workspace.length + 1) ?? '' }),
    ...(exceeded === '1' && { output_exceeded: true }),
  };
}
