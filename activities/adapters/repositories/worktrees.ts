import { existsSync } from 'node:fs';
import {
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
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
    const named = await git.text(['-C', dir, 'rev-parse', '--absolute-git-dir'], {
      env: { GIT_CEILING_DIRECTORIES: path.dirname(dir) },
    });
    const gitDir = await realpath(named);
    // An entry of the list can lead to the working tree of another repository.
    if (gitDir !== source.commonDir && path.dirname(gitDir) !== path.join(source.commonDir, 'worktrees')) continue;
    // Git takes a folder that it was told to keep elsewhere for the working tree of that repository.
    const own = gitDir === source.gitDir && !source.bare;
    if (gitDir === (await realpath(dir)) && !own) continue;
    found.push({
      dir: own ? source.address : dir,
      gitDir,
      branch: lines.find((l) => l.startsWith('branch refs/heads/'))?.slice('branch refs/heads/'.length),
    });
  }
  return found;
}

/** How files are compared and written in a working tree; none of these can start a program. */
const harmless = /^core\.(autocrlf|eol|filemode|symlinks|ignorecase|precomposeunicode|trustctime|checkstat)$/;

/** How many files, and of which size in bytes, are read to see whether a change is one of attributes alone. */
const mostContrary = 200;
const mostBytes = 64 * 2 ** 20;

/** Copies the shared parts of a split index, which git looks for in its own folder alone. Their names are their hashes. */
async function copySharedIndexes(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true }))
    if (entry.isFile() && /^sharedindex\.[0-9a-f]{40}$/.test(entry.name))
      await copyFile(path.join(from, entry.name), path.join(to, entry.name));
}

/** A path as a pattern of gitattributes that means this file alone. */
const asPattern = (file: string) => JSON.stringify(`/${file.replaceAll(/[\\*?[]/g, '\\$&')}`);

/**
 * Runs git on a user's working tree and index, but with an empty repository's settings instead of theirs:
 * their filters, drivers and monitors are programs, and the files may be an agent's.
 */
export class NeutralTree {
  /** Unchanged files that git takes for changed, since their attributes contradict what is stored. */
  private contrary: string[] = [];

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
    await copySharedIndexes(worktree.gitDir, neutralDir);
    // A split index that git wrote here would have its shared part in the wrong folder.
    flags.push('-c', 'core.splitIndex=false');
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

  /** Runs git without attributes for the files that `isClean` has found to be unchanged in spite of them. */
  async runAsStored(args: string[]) {
    if (this.contrary.length === 0) return this.run(args);
    const dir = await mkdtemp(path.join(this.env.GIT_DIR, 'attributes-'));
    try {
      for (const folder of ['info', 'objects', 'refs']) await mkdir(path.join(dir, folder));
      await copySharedIndexes(this.env.GIT_DIR, dir);
      await writeFile(path.join(dir, 'HEAD'), 'ref: refs/heads/main\n');
      const lines = this.contrary.map((file) => `${asPattern(file)} -text -ident -filter -working-tree-encoding\n`);
      await writeFile(path.join(dir, 'info', 'attributes'), lines.join(''));
      return await new NeutralTree(this.git, this.flags, { ...this.env, GIT_DIR: dir }).run(args);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
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
    for (const [file] of [...changes].filter(([, kind]) => kind === 'M').slice(0, mostContrary))
      if (await this.isAsWritten(file)) {
        changes.delete(file);
        this.contrary.push(Buffer.from(file, 'latin1').toString());
      }
    return changes;
  }

  /** Whether a file has the content that git writes for its entry. @param latin1 its name, read byte by byte. */
  private async isAsWritten(latin1: string): Promise<boolean> {
    const name = Buffer.from(latin1, 'latin1').toString();
    const at = path.join(this.env.GIT_WORK_TREE, name);
    const [listed, found] = await Promise.all([
      this.run(['--literal-pathspecs', 'ls-files', '-s', '-z', '--', name]),
      lstat(at).catch(() => undefined),
    ]);
    const [, id] = /^100\d{3} ([0-9a-f]+) 0\t/.exec(listed.stdout.toString()) ?? [];
    if (!id || !found?.isFile() || found.size > mostBytes) return false;
    const written = await this.run(['cat-file', '--filters', `--path=${name}`, id]);
    return written.exitCode === 0 && written.stdout.equals(await readFile(at));
  }

  /** Whether the index holds exactly the tree of that commit. */
  async indexHolds(sha: string): Promise<boolean> {
    const result = await this.run(['diff-index', '--cached', '--quiet', '--ignore-submodules=all', sha, '--']);
    if (result.exitCode > 1) throw gitFailed(result.stderr);
    return result.exitCode === 0;
  }

  /** Whether no tracked file is staged or changed against the commit. */
  isClean(sha: string): Promise<boolean> {
    return this.withIndexCopy(async (tree) => {
      const clean = (await tree.indexHolds(sha)) && (await tree.changed()).size === 0;
      this.contrary = tree.contrary;
      return clean;
    });
  }
}
