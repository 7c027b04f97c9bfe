import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { cutStart } from '#workflows/domain/text.ts';
import { RepositoryError } from '../../ports/repositories.ts';
import type { Git } from './git-command.ts';
import type { RemoteSource } from './sources.ts';

/** Longest name in bytes that a file may have, and longest path below a workspace. */
const longestName = 255;
const longestPath = 3800;

/** @throws RepositoryError('bad_names') when no file system can hold the files of the commit. */
export async function requireNames(git: Git, gitDir: string, sha: string): Promise<void> {
  const listed = await git.run(['--git-dir', gitDir, 'ls-tree', '-r', '-z', '--name-only', sha]);
  const paths = listed.stdout.toString('latin1').split('\0');
  const bad = paths.find(
    (file) => file.length > longestPath || file.split('/').some((name) => name.length > longestName),
  );
  if (bad === undefined) return;
  const shown = Buffer.from(bad, 'latin1').toString();
  throw new RepositoryError(
    'bad_names',
    `The repository has a file whose name is too long for a file system: "${cutStart(shown, 80)}...". Rename it (at most ${longestName} bytes a name), commit, then try again.`,
  );
}

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
