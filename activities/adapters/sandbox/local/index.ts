import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile as readText, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#workflows/domain/errors.ts';
import { SandboxError, type SandboxPort, type SandboxSpec } from '../../../ports/sandbox.ts';
import { exportWork, checkpoint } from './checkpoints.ts';
import { readOutput } from './command-output.ts';
import { commandState, waitCommand } from './command-state.ts';
import { killCommand, startCommand } from './commands.ts';
import { destroyFolder, sweep } from './destroy.ts';
import { enter } from './enter.ts';
import { commandEnvironment, seenPaths } from './environment.ts';
import { readDirectory, readFile, stat, writeFile, type FileAccess } from './files.ts';
import { makeFolders } from './folders.ts';
import { assertHeld, lostProcesses, readHolder, startHolder, type Holder } from './holder.ts';
import { mappedUid, type Isolation } from './isolation.ts';
import { keepRef, workspaceGit, type WorkspaceGit } from './jail.ts';
import { jobDir, layoutOf, listIds, readSpec, sandboxesDir, specSchema, writeSpec, type Layout } from './layout.ts';
import { sandboxMounts } from './mounts.ts';
import { networkEnvironment, platformUrlFor, withMavenProxy, writePolicy } from './network.ts';
import { findIsolation } from './probe.ts';
import { alone, hostPath } from './processes.ts';
import { run } from './run.ts';
import { createKeyedMutex } from './keyed-mutex.ts';
import { createPortWays } from './ports.ts';
import { openSetups, type SetupLimits } from './setups.ts';
import { openToolchains } from './toolchains/index.ts';

export interface LocalSandboxOptions {
  /** The folder that contains `sandboxes/`. */
  dataDir: string;
  /** The mirror of a project on this machine. */
  gitDirOf(projectId: string): string;
  /** Name of this machine when several machines have sandboxes of their own. */
  host?: string;
  /** The environment in which the worker's tool chains are found; without it there are only the system's. */
  environment?: Record<string, string | undefined>;
  /** Hosts, host:port, addresses and networks that a command with network may reach besides public ones. */
  networkAllow?: string[];
  /** The folder of the Claude Agent SDK, which commands see read-only. */
  sdk?: string | undefined;
  /** Address of the platform's API as this machine reaches it; undefined: commands do not reach it. */
  apiUrl?: string;
  /** Limits of what is kept of set-ups. */
  setups?: Partial<SetupLimits>;
  /** `none`: commands get no settings of package clients. */
  packageSettings?: 'auto' | 'none';
  /** 'none' runs plain processes without a probe. Default 'auto': isolation when a probe shows that it works. */
  isolation?: 'auto' | 'none';
}

export interface LocalSandbox extends SandboxPort {
  /** Why there is no isolation, so that the operator can fix it. */
  readonly isolationProblem: string | undefined;
}

/** Whether the creation of the sandbox came to its end. */
const isFinished = (layout: Layout) => existsSync(path.join(layout.platform, 'done'));
/** Whether commands run in it: not before its creation has finished, and not after it has lost what it is made of. */
const isMade = (layout: Layout) => isFinished(layout) && existsSync(layout.spec) && existsSync(layout.workspace);

const maxExecBytes = 8 * 2 ** 20;

/**
 * Sandboxes on this machine: bubblewrap namespaces around a folder, when a probe shows that they work. No state is kept
 * in memory: every process with the same data folder sees the same sandboxes and commands.
 */
export async function createLocalSandbox(options: LocalSandboxOptions): Promise<LocalSandbox> {
  await mkdir(sandboxesDir(options.dataDir), { recursive: true });
  const dataDir = await realpath(options.dataDir);
  await sweep(dataDir);
  const isolation: Isolation = await findIsolation(dataDir, hostPath, options.isolation ?? 'auto');
  const inTurn = createKeyedMutex();
  const ports = createPortWays(hostPath);
  const setups = openSetups(dataDir, { max_mb: 10_240, max_age: 14 * 86_400, reserve_mb: 64, ...options.setups });
  await setups.trim();
  const tools = openToolchains(dataDir, options.environment ?? { PATH: hostPath }, options.packageSettings ?? 'auto');

  const specOf = (layout: Layout) => readSpec(layout, isolation);
  const seen = (layout: Layout, gitDir = '') => seenPaths(layout, isolation, gitDir);

  function runningHolder(layout: Layout): Holder | undefined {
    if (!isMade(layout))
      throw new SandboxError(
        'lost',
        `Sandbox ${layout.id} is not on this machine, or its creation was never completed.`,
      );
    if (isolation.kind === 'none') return undefined;
    const holder = readHolder(layout);
    if (!holder) throw lostProcesses(layout);
    return holder;
  }

  const environmentOf = async (layout: Layout) =>
    commandEnvironment(layout, isolation, hostPath, await tools.current());

  /**
   * The command-line prefix that runs a program in the workspace, or in a folder of it, with the environment of a
   * command.
   */
  async function atWork(layout: Layout, holder: Holder | undefined, spec: SandboxSpec, cwd = ''): Promise<string[]> {
    const env = Object.entries(await environmentOf(layout)).map(([name, value]) => `${name}=${value}`);
    const entered = holder ? enter(isolation, holder, { network: 'none', limits: spec.limits }) : [];
    return [...alone, ...entered, 'env', '-i', '-C', path.posix.join(seen(layout).workspace, cwd), ...env];
  }

  async function gitOf(layout: Layout): Promise<WorkspaceGit> {
    const spec = await specOf(layout);
    return {
      isolation,
      holder: runningHolder(layout),
      layout,
      spec,
      gitDir: options.gitDirOf(spec.project_id),
      hostPath,
    };
  }

  /** A sandbox for what its set-up left: by programs that run as its commands do. */
  const setupOf = async ({ layout, holder, spec }: WorkspaceGit) => ({
    layout,
    projectId: spec.project_id,
    enter: await atWork(layout, holder, spec),
    workspace: seen(layout).workspace,
    home: seen(layout).home,
    hostPath,
  });

  async function filesOf(id: string): Promise<FileAccess> {
    const layout = layoutOf(dataDir, id);
    const spec = await specOf(layout);
    return {
      root: layout.workspace,
      seenAs: seen(layout).workspace,
      staging: layout.staging,
      writable: spec.access === 'read_write',
      owner: isolation.kind === 'mapped' ? mappedUid : undefined,
    };
  }

  async function create(wanted: SandboxSpec): Promise<void> {
    const layout = layoutOf(dataDir, wanted.id);
    // An existing sandbox keeps its properties, and its folders belong to the agent by now. Only its processes may be
    // missing.
    const made = isMade(layout);
    // Of one that lost its files, processes may still have the old ones open.
    if (!made && isFinished(layout)) await destroyFolder(dataDir, layout, hostPath);
    const spec = made ? await specOf(layout) : specSchema.parse(wanted);
    const gitDir = options.gitDirOf(spec.project_id);
    if (!made) {
      const { files } = (await tools.current()).packages;
      makeFolders(layout, isolation, isolation.kind === 'none' ? files : withMavenProxy(files));
      await writeSpec(layout, spec, isolation);
    }
    const objects = path.join(gitDir, 'objects');
    const mounts = sandboxMounts(layout, {
      access: spec.access,
      objects,
      sdk: options.sdk && existsSync(options.sdk) ? options.sdk : undefined,
      ...(await tools.current()),
    });
    const holder = isolation.kind === 'none' ? undefined : await startHolder(layout, isolation, mounts, hostPath);
    if (made) return;
    await workspaceGit({ isolation, holder, layout, spec, gitDir, hostPath }, [
      'checkout',
      spec.base_sha,
      spec.branch,
      seen(layout, gitDir).objects,
      spec.restore_sha ?? spec.base_sha,
    ]);
  }

  async function destroy(id: string, projectId?: string): Promise<void> {
    const layout = layoutOf(dataDir, id);
    const project = projectId ?? (await specOf(layout).catch(() => undefined))?.project_id;
    await destroyFolder(dataDir, layout, hostPath);
    if (!project) return;
    const forget = [
      'git',
      '--git-dir',
      options.gitDirOf(project),
      '-c',
      'core.hooksPath=/dev/null',
      'update-ref',
      '-d',
      keepRef(id),
    ];
    await run(forget, {
      env: { PATH: hostPath, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      maxBytes: 4096,
    });
  }

  const exec: SandboxPort['exec'] = async (id, argv, { timeoutMs, input, cwd } = {}) => {
    const layout = layoutOf(dataDir, id);
    const spec = await specOf(layout);
    const holder = runningHolder(layout);
    const ran = await run([...(await atWork(layout, holder, spec, cwd)), ...argv], {
      env: { PATH: hostPath },
      input,
      timeoutMs,
      maxBytes: maxExecBytes,
    });
    if (ran.exitCode !== 0) await assertHeld(layout, holder, ran.exitCode);
    return ran;
  };

  return {
    provider: 'local',
    host: options.host,
    isolated: isolation.kind !== 'none',
    ports: isolation.kind !== 'none',
    origins: [],
    platformUrl: platformUrlFor(isolation.kind !== 'none', options.apiUrl),
    isolationProblem: isolation.kind === 'none' ? isolation.reason : undefined,

    create: (spec) => inTurn(spec.id, () => create(spec)),
    destroy: (id, projectId) => inTurn(id, () => destroy(id, projectId)),
    list: () => listIds(dataDir),
    labels: async (id) => (await specOf(layoutOf(dataDir, id)).catch(() => undefined))?.labels,
    workspacePath: (id) => seen(layoutOf(dataDir, id)).workspace,

    async status(id) {
      const layout = layoutOf(dataDir, id);
      if (!existsSync(layout.root) || (isFinished(layout) && !isMade(layout))) return 'absent';
      return isMade(layout) && (isolation.kind === 'none' || readHolder(layout)) ? 'running' : 'stopped';
    },

    async startCommand(id, job) {
      const layout = layoutOf(dataDir, id);
      const spec = await specOf(layout);
      const holder = runningHolder(layout);
      const { workspace, jobs } = seen(layout);
      const network = job.network === 'none' ? 'none' : 'own';
      const policy =
        holder && job.network !== 'none'
          ? await writePolicy(layout, holder, job.network, {
              packages: (await tools.current()).packages,
              allow: options.networkAllow ?? [],
              platform: job.platform && options.apiUrl ? { url: options.apiUrl, path: job.platform } : null,
            })
          : undefined;
      await startCommand(layout, job, {
        prefix: holder ? enter(isolation, holder, { network, limits: spec.limits }) : ['setsid'],
        policy,
        workspace,
        jobs,
        env: { ...(await environmentOf(layout)), ...(policy ? networkEnvironment : {}) },
        logBytes: spec.limits.log_mb * 2 ** 20,
        hostPath,
      });
    },

    async waitCommand(id, jobId, wait) {
      const layout = layoutOf(dataDir, id);
      const spec = await specOf(layout);
      const look = () => commandState(layout, jobId, seen(layout).workspace, spec.limits.log_mb * 2 ** 20);
      return waitCommand(look, path.join(jobDir(layout, jobId), 'exit'), wait);
    },

    async readOutput(id, jobId, limits) {
      const layout = layoutOf(dataDir, id);
      const output = await readOutput(layout, jobId, limits);
      return { ...output, path: path.posix.join(seen(layout).jobs, jobId, 'log') };
    },

    async openPort(id, port) {
      const layout = layoutOf(dataDir, id);
      const holder = runningHolder(layout);
      if (!holder)
        throw new AppError(
          'invalid_rule',
          'Without isolation a port of a sandbox is one of this machine: it is not shown.',
        );
      return { socketPath: await ports.open(id, holder, port) };
    },

    killCommand: (id, jobId) => killCommand(layoutOf(dataDir, id), jobId, hostPath),

    exec,
    tools: (id) => tools.versions((argv) => exec(id, argv)),

    readFile: async (id, file) => readFile(file, await filesOf(id)),
    async writeFile(id, file, content) {
      const access = await filesOf(id);
      await writeFile(file, content, access);
      // The platform's list of work: also what looks like litter is work when a tool wrote it.
      const name = path.posix.relative(access.seenAs, path.posix.resolve(access.seenAs, file));
      await appendFile(path.join(layoutOf(dataDir, id).platform, 'edited'), `${name}\0`);
    },
    stat: async (id, file) => stat(file, await filesOf(id)),
    readDirectory: async (id, dir) => readDirectory(dir, await filesOf(id)),

    settle: (id, setUp) =>
      inTurn(id, async () => {
        if (!setUp) return rm(path.join(layoutOf(dataDir, id).platform, 'unsettled'), { force: true });
        const work = await gitOf(layoutOf(dataDir, id));
        const patterns = await workspaceGit(work, ['settle']);
        if (!patterns) return;
        const append = ['sh', '-c', 'cat >>.git/info/exclude'];
        await run([...(await atWork(work.layout, work.holder, work.spec)), ...append], {
          env: { PATH: hostPath },
          input: `${patterns}\n`,
          maxBytes: 4096,
        });
      }),
    async isSettled(id) {
      const layout = layoutOf(dataDir, id);
      return isMade(layout) && !existsSync(path.join(layout.platform, 'unsettled'));
    },
    claimSetup: async (id, key) => setups.claim(id, (await specOf(layoutOf(dataDir, id))).project_id, key),
    releaseSetup: (id, key) => setups.release(id, key),
    restoreSetup: (id, key) =>
      inTurn(id, async () => setups.restore(await setupOf(await gitOf(layoutOf(dataDir, id))), key)),
    saveSetup: (id, key) =>
      inTurn(id, async () => {
        const work = await gitOf(layoutOf(dataDir, id));
        const listed = Buffer.from(await workspaceGit(work, ['others']), 'base64').toString();
        const own = ['.gitconfig', ...Object.keys(withMavenProxy((await tools.current()).packages.files))];
        await setups.save(await setupOf(work), key, listed.split('\0').filter(Boolean), own);
      }),
    async refusedChanges(id) {
      const listed = await readText(path.join(layoutOf(dataDir, id).platform, 'refused'), 'utf8').catch(() => '');
      const fields = listed.split('\0');
      return fields.flatMap((file, i) => (i % 2 === 0 && file ? [{ path: file, filter: fields[i + 1] ?? '' }] : []));
    },
    treeHash: (id) => inTurn(id, async () => workspaceGit(await gitOf(layoutOf(dataDir, id)), ['tree'])),
    // Its repository borrows the objects of the mirror.
    provide: () => Promise.resolve(),
    checkpoint: (id, wanted) => inTurn(id, async () => checkpoint(await gitOf(layoutOf(dataDir, id)), wanted)),
    exportWork: (id, wanted) =>
      inTurn(id, async () => {
        const sandbox = await gitOf(layoutOf(dataDir, id));
        return exportWork(sandbox, await atWork(sandbox.layout, sandbox.holder, sandbox.spec), wanted);
      }),
  };
}
