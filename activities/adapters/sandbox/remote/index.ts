import { posix as path } from 'node:path';
import {
  SandboxError,
  type CommandSpec,
  type SandboxPort,
  type SandboxSpec,
  type ToolVersion,
} from '../../../ports/sandbox.ts';
import { platformVariables } from '../local/environment.ts';
import { createKeyedMutex } from '../local/keyed-mutex.ts';
import { checkedId, specSchema } from '../local/layout.ts';
import { programs, versionIn } from '../local/toolchains/programs.ts';
import { createCalls, problemOf, unfit } from './calls.ts';
import { createCommands } from './commands.ts';
import type { Packs } from './packs.ts';
import { home, workspace } from './paths.ts';
import { createPorts } from './ports.ts';
import type { RemoteTransport } from './transport.ts';
import { createWork } from './work.ts';

const unfitImage = 80;
const lateExit = 124;
const maxExecBytes = 8 * 2 ** 20;
const createTimeoutMs = 300_000;

/**
 * Sandboxes on other machines, over a thin transport: the platform's own scripts do the work inside, and commits travel as
 * packs. No state is kept here but what a sandbox was made of, so every process sees the same sandboxes and commands.
 */
export function createRemoteSandbox(transport: RemoteTransport, packs: Packs): SandboxPort {
  const calls = createCalls(transport);
  const commands = createCommands(calls);
  const work = createWork(calls, (id, file) => transport.download(id, file), packs);
  const ports = createPorts(transport, calls);
  const inTurn = createKeyedMutex();
  const specs = new Map<string, SandboxSpec>();
  const separate = new Map<string, Promise<boolean>>();
  /** By what the sandbox is made from. */
  const versions = new Map<string, Promise<ToolVersion[]>>();
  const madeFrom = ({ origin }: SandboxSpec) =>
    origin ? ('snapshot' in origin ? origin.snapshot : origin.image) : transport.image;

  const forget = (id: string) => {
    for (const known of [specs, separate]) known.delete(id);
    ports.close(id);
  };

  /** Acts on a sandbox that is made. One that is lost is forgotten here, since the next one of its name is another. */
  async function on<T>(id: string, act: (spec: SandboxSpec) => Promise<T>): Promise<T> {
    try {
      return await act(specs.get(id) ?? (await readSpec(id)));
    } catch (error) {
      if (error instanceof SandboxError && error.code === 'lost') forget(id);
      throw error;
    }
  }

  async function readSpec(id: string): Promise<SandboxSpec> {
    const answer = await calls.call(checkedId(id), ['made']);
    if (answer.exitCode !== 0)
      throw new SandboxError('lost', `There is no sandbox ${id}, or its creation was never completed.`);
    const spec = specSchema.parse(JSON.parse(answer.stdout.toString()));
    specs.set(id, spec);
    return spec;
  }

  async function create(wanted: SandboxSpec): Promise<void> {
    const { id } = wanted;
    const spec = specSchema.parse(wanted);
    await transport.start(id, { project_id: spec.project_id, ...spec.labels }, spec.origin);
    forget(id);
    if ((await calls.install(id, madeFrom(spec))) === 'made') return;
    const { pack, head, refs, shallow } = await work.begin(id, spec);
    const fields = [
      ...[JSON.stringify(spec), spec.base_sha, spec.restore_sha ?? spec.base_sha, spec.branch, spec.access],
      ...[head, refs, shallow],
      ...Object.entries({ ...platformVariables(id), HOME: home }).map(([name, value]) => `${name}=${value}`),
    ];
    const answer = await calls.call(id, ['create', pack], {
      input: fields.map((field) => `${field}\0`).join(''),
      timeoutMs: createTimeoutMs,
    });
    if (answer.exitCode === unfitImage) throw unfit(transport.provider, madeFrom(spec), answer.stderr.trim());
    if (answer.exitCode !== 0) throw problemOf(answer, 'The creation');
  }

  /**
   * Opens the whole sandbox as far as a command needs it, each time: another worker may have changed it. Where the kernel
   * can separate them, commands without network have none whatever the sandbox has.
   */
  async function openNetwork(id: string, network: CommandSpec['network']): Promise<void> {
    if (network === 'none') {
      const asked = separate.get(id) ?? calls.call(id, ['separate']).then(({ exitCode }) => exitCode === 0);
      separate.set(id, asked);
      asked.catch(() => separate.delete(id));
      if (await asked) return;
    }
    await transport.setNetwork(id, network);
  }

  const exec: SandboxPort['exec'] = (id, argv, { timeoutMs = 60_000, input, cwd = '' } = {}) =>
    on(id, async (spec) => {
      const words = ['exec', String(timeoutMs / 1000), cwd, ...commands.limitsOf(spec), ...argv];
      const { exitCode, stdout, stderr } = await calls.call(id, words, { input, timeoutMs });
      if (exitCode !== lateExit && stdout.length > maxExecBytes)
        throw new SandboxError('too_large', `The output passed ${maxExecBytes / 2 ** 20} MB.`);
      return { exitCode, stdout, stderr };
    });

  async function fileCall(id: string, file: string, words: string[], input?: Buffer) {
    if (file.includes('\0')) throw new SandboxError('not_found', 'A path cannot contain a NUL character.');
    const answer = await calls.call(id, words, { input });
    if (answer.exitCode !== 0) throw problemOf(answer, file || 'The workspace');
    return answer.stdout;
  }

  async function measure(id: string): Promise<ToolVersion[]> {
    const asked = Object.entries(programs).filter(([, args]) => args.length > 0);
    const words = asked.flatMap(([name, args]) => [name, args.join(' ')]);
    const fields = (await calls.call(id, ['tools', ...words], { timeoutMs: 120_000 })).stdout.toString().split('\0');
    const found = new Map<string, ToolVersion>();
    for (let i = 0; i + 2 < fields.length; i += 3) {
      const [name = '', at = '', said = ''] = fields.slice(i, i + 3);
      const version = versionIn(said);
      if (version) found.set(name, { name, version, path: at });
    }
    return asked.flatMap(([name]) => found.get(name) ?? []);
  }

  return {
    provider: transport.provider,
    host: undefined,
    isolated: true,
    platformUrl: transport.platformUrl,
    ports: transport.ports !== undefined,
    origins: transport.origins,

    create: async (spec) => inTurn(checkedId(spec.id), () => create(spec)),
    async status(id) {
      const status = await transport.status(checkedId(id));
      if (status !== 'running') return status;
      return (await calls.call(id, ['made']).then(({ exitCode }) => exitCode, lostAs(1))) === 0 ? 'running' : 'stopped';
    },
    destroy: async (id, projectId) =>
      inTurn(checkedId(id), async () => {
        const project = projectId ?? specs.get(id)?.project_id ?? (await transport.labels(id))?.project_id;
        await transport.destroy(id);
        forget(id);
        if (project) await packs.forget(project, id);
      }),
    list: () => transport.list(),
    labels: async (id) => transport.labels(checkedId(id)),
    workspacePath: () => workspace,

    startCommand: (id, asked) =>
      on(id, async (spec) => {
        const isCut = asked.network === 'platform' && !transport.platformUrl;
        const job = isCut ? { ...asked, network: 'none' as const } : asked;
        await openNetwork(id, job.network);
        await commands.start(id, spec, job);
      }),
    waitCommand: (id, jobId, options) => on(id, (spec) => commands.wait(id, spec, jobId, options)),
    readOutput: (id, jobId, limits) => on(id, () => commands.output(id, jobId, limits)),
    killCommand: (id, jobId) => on(id, () => commands.kill(id, jobId)),

    exec,
    openPort: (id, port) => on(id, async () => ({ socketPath: await ports.open(id, port) })),
    tools: (id) =>
      on(id, (spec) => {
        const from = madeFrom(spec);
        const measured = versions.get(from) ?? measure(id);
        versions.set(from, measured);
        measured.catch(() => versions.delete(from));
        return measured;
      }),

    readFile: (id, file) => on(id, () => fileCall(id, file, ['file', 'read', file])),
    writeFile: (id, file, content) =>
      on(id, async (spec) => {
        if (spec.access === 'read_only') throw new SandboxError('read_only', 'The workspace is read-only.');
        await fileCall(id, file, ['write', file, path.relative(workspace, path.resolve(workspace, file))], content);
      }),
    stat: (id, file) =>
      on(id, async () => {
        const [kind, size] = (await fileCall(id, file, ['file', 'stat', file])).toString().trim().split(' ');
        return kind ? { kind: kind as 'file' | 'directory' | 'other', size: Number(size) } : undefined;
      }),
    readDirectory: (id, dir) =>
      on(id, async () => {
        const entries = (await fileCall(id, dir, ['file', 'list', dir])).toString().split('\0').filter(Boolean);
        return entries.map((entry) => entry.slice(2) + (entry.startsWith('d') ? '/' : '')).sort();
      }),

    // A set-up is not kept: its archives would travel to each sandbox. An image of the project's own holds what it needs.
    claimSetup: () => Promise.resolve(true),
    releaseSetup: () => Promise.resolve(),
    restoreSetup: (id, key) => on(id, () => Promise.resolve(checkedKey(key) && false)),
    saveSetup: () => Promise.resolve(),

    settle: (id, setUp) =>
      on(id, async () => {
        const answer = await calls.call(id, ['settle', setUp ? '1' : ''], { timeoutMs: createTimeoutMs });
        if (answer.exitCode !== 0) throw problemOf(answer, 'Git');
      }),
    isSettled: async (id) =>
      calls.call(checkedId(id), ['settled']).then(({ exitCode }) => exitCode === 0, lostAs(false)),
    refusedChanges: (id) =>
      on(id, async () => {
        const fields = (await calls.call(id, ['refused'])).stdout.toString().split('\0');
        return fields.flatMap((file, i) => (i % 2 === 0 && file ? [{ path: file, filter: fields[i + 1] ?? '' }] : []));
      }),

    treeHash: (id) => inTurn(id, () => on(id, (spec) => work.treeHash(id, spec))),
    checkpoint: (id, wanted) => inTurn(id, () => on(id, (spec) => work.checkpoint(id, spec, wanted))),
    exportWork: (id, wanted) => inTurn(id, () => on(id, (spec) => work.exportWork(id, spec, wanted))),
    provide: (id, sha) => on(id, (spec) => work.provide(id, spec, sha)),
  };
}

/** The value where there is no such sandbox. */
const lostAs =
  <T>(value: T) =>
  (error: unknown): T => {
    if (error instanceof SandboxError && error.code === 'lost') return value;
    throw error;
  };

function checkedKey(key: string): boolean {
  if (!/^[0-9a-f]{16,64}$/.test(key))
    throw new SandboxError('not_found', 'The key of a set-up must be a hexadecimal hash.');
  return true;
}
