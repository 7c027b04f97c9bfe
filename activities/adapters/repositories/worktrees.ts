import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, realpath, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { gitFailed, type Git } from './git-command.ts';
import type { LocalSource } from './sources.ts';

export interface Worktree {
  dir: string;
  gitDir: string;
  /** Short name of the branch checked out; undefined when HEAD is detached. */
  branch: string | undefined;
}

/** Every working tree of a repository; none for a bare one without linked trees. */
export async function worktrees(git: Git, source: LocalSource): Promise<Worktree[]> {
  const listed = await git.text(['--git-dir', source.commonDir, 'worktree', 'list', '--porcelain', '-z']);
  const found: Worktree[] = [];
  for (const record of listed.split('\0\0')) {
    const lines = record.split('\0');
    const dir = lines.find((l) => l.startsWith('worktree '))?.slice('worktree '.length);
    if (!dir || lines.includes('bare') || !existsSync(dir)) continue;
    const gitDir = await git.text(['-C', dir, 'rev-parse', '--absolute-git-dir'], {
      env: { GIT_CEILING_DIRECTORIES: path.dirname(dir) },
    });
    found.push({
      dir,
      gitDir: await realpath(gitDir),
      branch: lines.find((l) => l.startsWith('branch refs/heads/'))?.slice('branch refs/heads/'.length),
    });
  }
  return found;
}

/** How files are compared and written in a working tree; none of these can start a program. */
const harmless = /^core\.(autocrlf|eol|filemode|symlinks|ignorecase|precomposeunicode|trustctime|checkstat)$/;

/**
 * Runs git on a user's working tree and index, but with an empty repository's settings instead of theirs:
 * their filters, drivers and monitors are programs, and the files may be an agent's.
 */
export class NeutralTree {
  private constructor(
    private readonly git: Git,
    private readonly flags: string[],
    private readonly env: {
      GIT_DIR: string;
      GIT_OBJECT_DIRECTORY: string;
      GIT_INDEX_FILE: string;
      GIT_WORK_TREE: string;
    },
  ) {}

  /** @param neutralDir an empty bare repository that the platform owns. */
  static async open(git: Git, source: LocalSource, worktree: Worktree, neutralDir: string): Promise<NeutralTree> {
    const config = await git.run(['--git-dir', source.commonDir, 'config', '--local', '--null', '--list']);
    const flags = config.stdout
      .toString()
      .split('\0')
      .map((entry) => entry.split('\n'))
      .filter(([key]) => key && harmless.test(key))
      .flatMap(([key, value]) => ['-c', `${key}=${value ?? 'true'}`]);
    return new NeutralTree(git, flags, {
      GIT_DIR: neutralDir,
      GIT_OBJECT_DIRECTORY: path.join(source.commonDir, 'objects'),
      GIT_INDEX_FILE: path.join(worktree.gitDir, 'index'),
      GIT_WORK_TREE: worktree.dir,
    });
  }

  run(args: string[]) {
    return this.git.run([...this.flags, ...args], { cwd: this.env.GIT_WORK_TREE, env: this.env });
  }

  /** The same working tree with a copy of its index, so that reading changes nothing for its owner. */
  async withIndexCopy<T>(look: (tree: NeutralTree) => Promise<T>): Promise<T> {
    const dir = await mkdtemp(path.join(this.env.GIT_DIR, 'index-'));
    try {
      const copy = path.join(dir, 'index');
      // A repository whose first commit was never checked out has no index. The copy keeps the times: git uses them to
      // find files that may have changed within the second after they were checked.
      if (existsSync(this.env.GIT_INDEX_FILE)) {
        const { atime, mtime } = await stat(this.env.GIT_INDEX_FILE);
        await copyFile(this.env.GIT_INDEX_FILE, copy);
        await utimes(copy, atime, mtime);
      }
      return await look(new NeutralTree(this.git, this.flags, { ...this.env, GIT_INDEX_FILE: copy }));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  /**
   * Tracked files that differ from the index, with the kind of change: M changed, D deleted, T another type, U
   * unmerged.
   */
  async changed(): Promise<Map<string, string>> {
    await this.run(['update-index', '-q', '--refresh']);
    const result = await this.run(['diff-files', '--name-status', '-z', '--ignore-submodules=all']);
    if (result.exitCode !== 0) throw gitFailed(result.stderr);
    const fields = result.stdout.toString('latin1').split('\0').values();
    const changes = new Map<string, string>();
    for (const kind of fields) {
      const path = fields.next().value;
      if (path !== undefined) changes.set(path, kind);
    }
    return changes;
  }

  /** Whether the index holds exactly the tree of that commit. */
  async indexHolds(sha: string): Promise<boolean> {
    const result = await this.run(['diff-index', '--cached', '--quiet', '--ignore-submodules=all', sha, '--']);
    if (result.exitCode > 1) throw gitFailed(result.stderr);
    return result.exitCode === 0;
  }

  /** Whether no tracked file is staged or changed against the commit. */
  isClean(sha: string): Promise<boolean> {
    return this.withIndexCopy(async (tree) => (await tree.indexHolds(sha)) && (await tree.changed()).size === 0);
  }
}
