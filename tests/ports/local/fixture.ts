import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import type { Created } from '#activities/adapters/provider.ts';
import { environment, loadConfig } from '#activities/services/config.ts';
import { openMachine } from '#activities/adapters/machine/index.ts';
import { sandboxProviders } from '#activities/adapters/sandbox/index.ts';
import { canPlayBoxes } from '#tests/support/box.ts';
import { Daytona } from '#tests/support/daytona.ts';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';
import type { CommandState, SandboxPort, SandboxSpec } from '#activities/ports/sandbox.ts';
import type { RepositoriesPort } from '#activities/ports/repositories.ts';

/** A provider of the table by its name, or `none`: the local provider without isolation. */
export type Kind = string;

/** Whether commands are processes of this machine, and workspaces are folders below the data folder. */
export const isLocal = (kind: Kind) => kind === 'local' || kind === 'none';

/** How often a test repeats what it does: over the network each call takes longer. */
export const times = (kind: Kind, local: number, remote: number) => (isLocal(kind) ? local : remote);

/** For a test that looks at the local provider's own files and processes. */
export const localTest = (kind: Kind) => (isLocal(kind) ? test : test.skip);

export const isRoot = process.getuid?.() === 0;

/** A fresh folder; files of any owner in it are deleted by the returned function. */
export function scratchDir(): { dir: string; remove(): void } {
  const dir = mkdtempSync(path.join(tmpdir(), 'omoios-test-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];

/** Runs the machine's git as a person would, on a repository of the test's own. */
export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...identity, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}

export function put(dir: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), content);
  }
}

/** A repository on `main` with one commit of the files. */
export function makeRepository(
  dir: string,
  files: Record<string, string | Buffer> = { 'README.md': 'hello\n' },
): string {
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  put(dir, files);
  return commitAll(dir, 'first');
}

export function commitAll(dir: string, message: string): string {
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '-m', message);
  return git(dir, 'rev-parse', 'HEAD');
}

/** A commit on top of another in a mirror, as a run leaves one; kept there under the branch, or a hidden ref. */
export function commitOn(gitDir: string, base: string, files: Record<string, string>, branch?: string): string {
  const { dir, remove } = scratchDir();
  const clone = path.join(dir, 'clone');
  git('/', 'clone', '-q', '--shared', gitDir, clone);
  git(clone, 'checkout', '-q', '--detach', base);
  put(clone, files);
  const sha = commitAll(clone, branch ? `work on ${branch}` : 'ahead');
  git(clone, 'push', '-q', gitDir, `+${sha}:${branch ? `refs/heads/${branch}` : `refs/omoios/test/${sha}`}`);
  remove();
  return sha;
}

export interface Bench {
  dataDir: string;
  source: string;
  base: string;
  repositories: RepositoriesPort;
  sandbox: SandboxPort;
  /** Environment by which another process finds the same sandboxes. */
  settings: Record<string, string>;
  /** The place that the test plays, where sandboxes are on another machine. */
  played: Daytona | undefined;
  /** A new sandbox on the project. */
  make(changes?: Partial<SandboxSpec>): Promise<string>;
  spec(id: string, changes?: Partial<SandboxSpec>): SandboxSpec;
  /** Runs a command to its end and returns how it ended and its output. */
  sh(
    id: string,
    command: string,
    options?: { network?: 'none' | 'full' | 'platform'; cwd?: string; env?: Record<string, string> },
  ): Promise<CommandState & { output: string }>;
  /** Git on the project's mirror. */
  mirror(...args: string[]): string;
  close(): Promise<void>;
}

let counter = 0;

/** Real sandboxes on a real project, below a folder of the test's own. @param chosen settings beside those of the machine. */
export async function openBench(
  kind: Kind,
  files?: Record<string, string | Buffer>,
  dataDirAt?: string,
  chosen: Record<string, string> = {},
): Promise<Bench> {
  const { dir, remove } = scratchDir();
  const dataDir = dataDirAt ?? path.join(dir, 'data');
  const source = path.join(dir, 'source');
  makeRepository(source, files);
  const repositories = createRepositories({ dataDir, environment });
  const { sha: base } = await repositories.sync('project', { path: source }, 'main');
  const { port: sandbox, close, settings = {}, played } = await createSandbox(kind, dataDir, chosen);

  const bench: Bench = {
    dataDir,
    source,
    base,
    repositories,
    sandbox,
    settings,
    played,
    spec: (id, changes = {}) => ({
      id,
      project_id: 'project',
      base_sha: base,
      branch: 'task/1234/work',
      access: 'read_write',
      labels: { project: 'omoios' },
      limits: { memory_mb: 2048, processes: 200, file_size_mb: 100, log_mb: 2 },
      ...changes,
    }),
    async make(changes) {
      // Files of tests that run at once share an engine.
      const id = `omoios-test-${process.pid}-${++counter}`;
      await sandbox.create(bench.spec(id, changes));
      return id;
    },
    async sh(id, command, { network = 'none', cwd, env } = {}) {
      const job_id = `run.${++counter}.0`;
      await sandbox.startCommand(id, { job_id, command, network, cwd, env });
      const state = await sandbox.waitCommand(id, job_id, { timeoutMs: 30_000 });
      const { head, tail } = await sandbox.readOutput(id, job_id, { headBytes: 100_000, tailBytes: 100_000 });
      return { ...state, output: Buffer.concat([head, tail]).toString() };
    },
    mirror: (...args) => git(repositories.gitDir('project'), ...args),
    async close() {
      for (const id of await sandbox.list()) await sandbox.destroy(id);
      await close?.();
      remove();
    },
  };
  return bench;
}

interface CreatedSandbox extends Created<SandboxPort> {
  /** Environment by which another process finds the same sandboxes. */
  settings?: Record<string, string>;
  played?: Daytona;
}

/** Creates sandboxes as the services do: by the entry in the table of providers. */
export async function createSandbox(
  kind: Kind,
  dataDir: string,
  chosen: Record<string, string> = {},
): Promise<CreatedSandbox> {
  if (kind === 'none') {
    const { gitDir } = createRepositories({ dataDir, environment });
    return { port: await createLocalSandbox({ dataDir, gitDirOf: gitDir, isolation: 'none' }) };
  }
  const provider = sandboxProviders[kind];
  if (!provider) throw new Error(`The table of sandbox providers has no ${kind}.`);
  const machine = openMachine({ dataDir, host: 'test' });
  // Another process of a test finds the place that its parent plays.
  const played = kind === 'daytona' && !environment.DAYTONA_API_KEY ? await Daytona.start() : undefined;
  const settings: Record<string, string> = {
    ...chosen,
    ...(played ? { DAYTONA_API_URL: played.api, DAYTONA_API_KEY: played.key } : {}),
  };
  const config = loadConfig({ env: 'test', data_dir: dataDir }, { ...environment, ...settings });
  const { port, close } = await provider.create({ machine, config });
  return {
    port,
    settings,
    played,
    async close() {
      await close?.();
      await played?.close();
      await machine.close();
    },
  };
}

/** All providers of the table, `local` only where its isolation works, and `none`. */
export async function workingKinds(): Promise<Kind[]> {
  const { dir, remove } = scratchDir();
  const { isolated } = await createLocalSandbox({ dataDir: dir, gitDirOf: () => dir });
  remove();
  // An engine takes part where its address and an image with the usual programs are named.
  const { DOCKER_HOST, OMOIOS_SANDBOX_IMAGE } = environment;
  const works: Record<string, boolean> = {
    local: isolated,
    daytona: canPlayBoxes,
    docker: Boolean(DOCKER_HOST && OMOIOS_SANDBOX_IMAGE),
  };
  return [...Object.keys(sandboxProviders).filter((name) => works[name] ?? true), 'none'];
}

/** Command lines of living processes that contain the text. */
export function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(text));
}

export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
