import { homedir } from 'node:os';
import { createBirpc } from 'birpc';
import { createRepositories } from '../repositories/git.ts';
import { createLocalSandbox, type LocalSandbox } from '../sandbox/local/index.ts';
import { createPacks } from '../sandbox/remote/packs.ts';
import { toFailure } from './failures.ts';
import type { Answer, MachineCalls, MachineOptions } from './calls.ts';

/**
 * Runs git and the sandboxes of this machine for the application's process, which forks this program. To start a
 * program, the kernel copies the page tables of the parent: tens of milliseconds in the large process of the
 * application, during which that process does nothing else, and few in this small one.
 */
const options = JSON.parse(process.argv[2] ?? '') as MachineOptions;
const repositories = createRepositories({ ...options, environment: process.env });
const packs = createPacks(options.dataDir, repositories.gitDir);
let opened: Promise<LocalSandbox> | undefined;
const sandbox = () =>
  (opened ??= createLocalSandbox({
    dataDir: options.dataDir,
    gitDirOf: repositories.gitDir,
    host: options.host,
    environment: { HOME: homedir(), ...process.env },
    packageSettings: options.packageSettings,
    setups: options.setups,
    networkAllow: options.networkAllow,
    sdk: options.sdk,
    apiUrl: options.apiUrl,
  }));
/** Waits that the caller may abort, by the number of the call. */
const waits = new Map<number, AbortController>();

async function answered(run: () => unknown): Promise<Answer> {
  try {
    return { value: await run() };
  } catch (error) {
    return { failure: toFailure(error) };
  }
}

const calls: MachineCalls = {
  facts: () =>
    answered(async () => {
      const { isolated, isolationProblem } = await sandbox();
      return { isolated, isolationProblem };
    }),
  repositories: (method, args) => answered(() => Reflect.apply(repositories[method], repositories, args)),
  sandbox: (method, args) =>
    answered(async () => {
      const port = await sandbox();
      return Reflect.apply(port[method], port, args) as unknown;
    }),
  packs: (method, args) => answered(() => Reflect.apply(packs[method], packs, args)),
  wait: (call, id, job, timeoutMs) =>
    answered(async () => {
      const controller = new AbortController();
      waits.set(call, controller);
      try {
        return await (await sandbox()).waitCommand(id, job, { timeoutMs, signal: controller.signal });
      } finally {
        waits.delete(call);
      }
    }),
  async abort(call) {
    waits.get(call)?.abort();
  },
};

createBirpc<object, MachineCalls>(calls, {
  post: (message) => process.send?.(message),
  on: (receive) => process.on('message', receive),
  timeout: -1,
});

// The application decides when this process ends: a signal to the group of both must not end it before.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
