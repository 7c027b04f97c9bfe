import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sampleDir } from '#activities/adapters/model/rehearsal/index.ts';
import { parseMergeTree } from '#activities/adapters/repositories/merge.ts';
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
    const git = ['env', 'GIT_INDEX_FILE=.git/index-of-tree', 'git'];
    await this.exec([...git, 'add', '-A']);
    return this.exec([...git, 'write-tree']);
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

  async npmTest(): Promise<string> {
    return (await this.bench.call('bash', { command: 'npm test' })).text;
  }

  close(): Promise<void> {
    return this.bench.close();
  }
}
