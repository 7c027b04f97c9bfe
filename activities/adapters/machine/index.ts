import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createBirpc, type BirpcReturn } from 'birpc';
import type { RepositoriesPort } from '../../ports/repositories.ts';
import type { CommandState } from '../../ports/sandbox.ts';
import { mirrorOf } from '../repositories/mirror.ts';
import { workspaceSeen } from '../sandbox/local/environment.ts';
import type { LocalSandbox } from '../sandbox/local/index.ts';
import { platformUrlFor } from '../sandbox/local/network.ts';
import { layoutOf } from '../sandbox/local/layout.ts';
import type { Packs } from '../sandbox/remote/packs.ts';
import type { Answer, MachineCalls, MachineOptions, RepositoriesMethod, SandboxMethod } from './calls.ts';
import { toError } from './failures.ts';

/** The git repositories and the sandboxes of this machine, served by a process of their own: see ./process.ts. */
export interface Machine {
  repositories: RepositoriesPort;
  sandbox(): Promise<LocalSandbox>;
  /** Moves commits between the mirrors and sandboxes on other machines. */
  packs: Packs;
  /** Ends the process. Commands that run in sandboxes continue. */
  close(): Promise<void>;
}

interface Running {
  rpc: BirpcReturn<MachineCalls, object>;
  end(): Promise<void>;
}

// A compiled application starts the compiled program, which scripts/supervisor/compile.ts puts beside it.
const compiled = !import.meta.url.endsWith('.ts');
const program = fileURLToPath(new URL(compiled ? '../machine/process.js' : './process.ts', import.meta.url));
const execArgv = compiled
  ? ['--enable-source-maps']
  : ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];

/** @param onEnd called when the process has ended; its open calls fail. */
function start(options: MachineOptions, onEnd: () => void): Running {
  const child = fork(program, [JSON.stringify(options)], {
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const rpc = createBirpc<MachineCalls, object>(
    {},
    {
      post: (message: object) => child.send(message),
      on: (receive) => child.on('message', receive),
      timeout: -1,
    },
  );
  const ended = new Promise<void>((resolve) => {
    const end = (reason: string) => {
      onEnd();
      // By its code a step knows that the call may succeed when it is repeated.
      rpc.$close(
        Object.assign(new Error(`The process for git and sandboxes ended: ${reason}.`), { code: 'ECONNRESET' }),
      );
      resolve();
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    rpc,
    end() {
      if (child.connected) child.disconnect();
      return ended;
    },
  };
}

/** Starts the process at the first call, and again at the next call after it died. */
export function openMachine(options: MachineOptions): Machine {
  let running: Running | undefined;
  let waits = 0;

  async function ask<T>(question: (rpc: Running['rpc']) => Promise<Answer>): Promise<T> {
    running ??= start(options, () => (running = undefined));
    const answer = await question(running.rpc);
    if ('failure' in answer) throw toError(answer.failure);
    return answer.value as T;
  }

  /** A port whose methods ask the process, beside its own members. */
  const remote = <Port extends object>(
    own: Partial<Port>,
    method: (rpc: Running['rpc'], name: string, args: unknown[]) => Promise<Answer>,
  ) =>
    new Proxy(own as Port, {
      get(target, name) {
        // `then`: an object that is awaited must not look like a promise.
        if (name in target || typeof name === 'symbol' || name === 'then') return Reflect.get(target, name) as unknown;
        return (...args: unknown[]) => ask((rpc) => method(rpc, name, args));
      },
    });

  async function waitCommand(
    id: string,
    job: string,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<CommandState> {
    signal?.throwIfAborted();
    const call = ++waits;
    const abort = () => void running?.rpc.abort(call).catch(() => undefined);
    signal?.addEventListener('abort', abort);
    try {
      return await ask((rpc) => rpc.wait(call, id, job, timeoutMs));
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  return {
    repositories: remote<RepositoriesPort>(
      { gitDir: (projectId) => mirrorOf(options.dataDir, projectId) },
      (rpc, name, args) => rpc.repositories(name as RepositoriesMethod, args),
    ),
    packs: remote<Packs>({}, (rpc, name, args) => rpc.packs(name as keyof Packs, args)),
    async sandbox() {
      const facts = await ask<Pick<LocalSandbox, 'isolated' | 'isolationProblem'>>((rpc) => rpc.facts());
      return remote<LocalSandbox>(
        {
          provider: 'local',
          host: options.host,
          ...facts,
          ports: facts.isolated,
          origins: [],
          platformUrl: platformUrlFor(facts.isolated, options.apiUrl),
          workspacePath: (id) => workspaceSeen(layoutOf(options.dataDir, id), facts.isolated),
          waitCommand,
        },
        (rpc, name, args) => rpc.sandbox(name as SandboxMethod, args),
      );
    },
    async close() {
      await running?.end();
    },
  };
}
