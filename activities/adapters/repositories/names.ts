import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { cutStart } from '#workflows/domain/text.ts';
import { RepositoryError } from '../../ports/repositories.ts';
import type { Git } from './git-command.ts';
import type { RemoteSource } from './sources.ts';

/** Longest name in bytes that a file may have, and longest path below a workspace. */
const longestName = 255;
const longestPath = 3800;

/**
 * Checks that the files of a commit can be checked out.
 * @throws RepositoryError('bad_names') when no file system can hold them, or git refuses to write them.
 */
export async function requireNames(git: Git, gitDir: string, sha: string): Promise<void> {
  const listed = await git.run(['--git-dir', gitDir, 'ls-tree', '-r', '-t', '-z', '--full-tree', sha]);
  const folders = new Set(['.']);
  const paths = new Set<string>();
  for (const entry of listed.stdout.toString('latin1').split('\0').filter(Boolean)) {
    const file = entry.slice(entry.indexOf('\t') + 1);
    if (file.length > longestPath || file.split('/').some((name) => name.length > longestName))
      throw badNames(
        `The repository has a file whose name is too long for a file system: "${cutStart(shown(file), 80)}...". Rename it (at most ${longestName} bytes a name), commit, then try again.`,
      );
    // An entry of a tree is one name, and git lists a folder before its files.
    if (paths.has(file)) throw noCheckout(file, 'its tree holds that name twice');
    if (!folders.has(path.posix.dirname(file))) throw noCheckout(file, 'the name in its tree holds a slash');
    paths.add(file);
    if (entry.startsWith('040000 ')) folders.add(file);
  }
  // Git itself judges the other names, as it does at a checkout: "..", ".git", a link in the place of .gitmodules.
  const read = await git.run(['--git-dir', gitDir, '-c', 'core.sparseCheckout=false', 'read-tree', '-n', sha]);
  const [, refused] = /invalid path '(.*)'/s.exec(read.stderr) ?? [];
  if (refused !== undefined) throw noCheckout(Buffer.from(refused).toString('latin1'), 'git refuses to write it');
}

const shown = (latin1: string) => Buffer.from(latin1, 'latin1').toString();
const badNames = (message: string) => new RepositoryError('bad_names', message);

const noCheckout = (file: string, why: string) =>
  badNames(
    `No checkout can hold "${cutStart(shown(file), 200)}": ${why}. Commit a tree without that entry (git ls-tree HEAD, git mktree, git commit-tree), then try again.`,
  );

const treesTimeoutMs = 20_000;
/** Commits of remote repositories whose names are known to be good: a repository is inspected more than once. */
const checked = new Set<string>();

/**
 * Reads the names of a remote branch from its trees, in a repository that exists for this alone. A remote that does not
 * give the trees of one commit in time is left to the first fetch of the project, which checks the names too.
 * @param folder where the repository may be.
 * @throws RepositoryError('bad_names')
 */
export async function requireRemoteNames(
  git: Git,
  { address, env }: RemoteSource,
  branch: string,
  sha: string,
  folder: string,
): Promise<void> {
  if (checked.has(sha)) return;
  const dir = await mkdtemp(path.join(folder, 'names-'));
  try {
    await git.text(['init', '--quiet', '--bare', '--template=', dir]);
    await git.text(['--git-dir', dir, 'remote', 'add', 'origin', address]);
    const only = ['--depth=1', '--filter=blob:none', '--no-tags', '--no-recurse-submodules', '--quiet'];
    const fetched = await git
      .run(['--git-dir', dir, 'fetch', ...only, 'origin', `refs/heads/${branch}`], { env, timeoutMs: treesTimeoutMs })
      .catch(() => undefined);
    if (fetched?.exitCode !== 0) return;
    await requireNames(git, dir, 'FETCH_HEAD');
    if (checked.size > 10_000) checked.clear();
    checked.add(sha);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
