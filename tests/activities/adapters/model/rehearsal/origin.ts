import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sampleDir } from '#activities/adapters/model/rehearsal/index.ts';
import { parseMergeTree } from '#activities/adapters/repositories/merge.ts';
import type { RanCommand } from '#workflows/domain/agent/completion.ts';
import type { RunMode } from '#workflows/domain/agent/run.ts';
import { Bench } from '#tests/activities/tools/bench.ts';

const run = promisify(execFile);
const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'init.defaultBranch=main'];

/** A repository made of the sample, from which checkouts are taken and to which their work returns. */
export class Origin {
  private constructor(
    private readonly root: string,
    readonly base: string,
  ) {}

  static async open(): Promise<Origin> {
    const root = await mkdtemp(path.join(tmpdir(), 'omoios-rehearsal-'));
    await cp(sampleDir, root, { recursive: true });
    await run('git', [...identity, 'init', '-q', root]);
    await run('git', ['-C', root, 'add', '-A']);
    await run('git', ['-C', root, ...identity, 'commit', '-qm', 'The shed as it is']);
    const origin = new Origin(root, '');
    return new Origin(root, await origin.git('rev-parse', 'HEAD'));
  }

  async git(...words: string[]): Promise<string> {
    return (await run('git', ['-C', this.root, ...identity, ...words])).stdout.trim();
  }

  /** What a merge of two commits makes: its tree, with markers where they conflict. */
  async merge(ours: string, theirs: string): Promise<{ tree: string; conflicts: string[] }> {
    const words = ['-C', this.root, 'merge-tree', '--write-tree', '-z', '--messages', ours, theirs];
    const { stdout } = await run('git', words).catch((error: { stdout: string }) => error);
    const { tree, conflicts } = parseMergeTree(stdout);
    return { tree, conflicts: conflicts.map((conflict) => conflict.path) };
  }

  async commitMerge(tree: string, ...parents: string[]): Promise<string> {
    return this.git('commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', 'Join');
  }

  async checkout(commit: string, mode: RunMode = 'implementation'): Promise<Checkout> {
    const bench = await Bench.open();
    bench.mode = mode;
    const checkout = new Checkout(bench, this, commit);
    await checkout.git('pull', '-q', this.root, commit);
    return checkout;
  }

  async bring(from: string): Promise<string> {
    await this.git('fetch', '-q', from, 'HEAD');
    return this.git('rev-parse', 'FETCH_HEAD');
  }

  close(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

type Ran = Pick<RanCommand, 'exit_code' | 'output' | 'tree_before' | 'tree_after'>;

/** Runs of commands that changed no file. Reviews and retries run many commands again on the files of a run before. */
const ranBefore = new Map<string, Pick<Ran, 'exit_code' | 'output'>>();

/** A workspace that a session works in, with the agent's real tools. */
export class Checkout {
  constructor(
    readonly bench: Bench,
    private readonly origin: Origin,
    readonly base: string,
  ) {}

  git(...words: string[]): Promise<string> {
    return this.exec(['git', ...identity, ...words]);
  }

  private async exec(words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.bench.port.exec(this.bench.id, words);
    if (exitCode !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout.toString().trim();
  }

  /** Id of the tree that the files make now; the session's own index stays as it is. */
  async tree(): Promise<string> {
    return this.exec(['sh', '-c', 'export GIT_INDEX_FILE=.git/index-of-tree; git add -A && git write-tree']);
  }

  async patch(): Promise<string> {
    return this.git('diff', '--no-color', this.base, await this.tree());
  }

  async changedFiles(): Promise<string[]> {
    return (await this.git('status', '--porcelain', '--untracked-files=all'))
      .split('\n')
      .map((line) => line.trim().split(/\s+/).at(-1) ?? '')
      .filter(Boolean);
  }

  /** Commits everything and hands the commit to the origin. */
  async exportWork(message: string): Promise<string> {
    await this.git('add', '-A');
    await this.git('commit', '-qm', message);
    return this.origin.bring(this.bench.port.workspacePath(this.bench.id));
  }

  /** Runs a command with the agent's tool, or takes the result of the same command on the same files. */
  async runCommand(input: Record<string, unknown>): Promise<Ran> {
    const { bench } = this;
    const workspace = bench.port.workspacePath(bench.id);
    const cwd = bench.cwd ?? '';
    const tree_before = await this.tree();
    const key = JSON.stringify([tree_before, cwd, input]);
    const known = ranBefore.get(key);
    if (known)
      return {
        ...known,
        output: known.output.replaceAll('{workspace}', workspace),
        tree_after: tree_before,
        tree_before,
      };
    const { text, exit_code = null } = await bench.call('bash', input);
    const tree_after = await this.tree();
    if (tree_after === tree_before && (bench.cwd ?? '') === cwd)
      ranBefore.set(key, { exit_code, output: text.replaceAll(workspace, '{workspace}') });
    return { exit_code, output: text, tree_before, tree_after };
  }

  async npmTest(): Promise<string> {
    return (await this.runCommand({ command: 'npm test' })).output;
  }

  close(): Promise<void> {
    return this.bench.close();
  }
}
