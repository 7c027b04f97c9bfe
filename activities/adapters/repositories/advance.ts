import { RepositoryError } from '../../ports/repositories.ts';
import { gitFailed, localService, pastLocks, type Git } from './git-command.ts';
import { lockRef } from './ref-lock.ts';
import { branchRef, emptyTree } from './ref-names.ts';
import { assertInBounds, type LocalSource } from './sources.ts';
import { trackedBranches } from './tracked-branches.ts';
import { NeutralTree, worktrees, type Worktree } from './worktrees.ts';

export interface Advance {
  /** Repository that holds the commit, to bring its objects from. */
  mirrorDir: string;
  neutralDir: string;
  branch: string;
  sha: string;
  expected: string;
}

/**
 * Moves a branch of a repository on this machine forward, together with the working tree that has it checked out. The
 * ref is locked first and moved last, so two moves at once run one after another. A move that died in between left
 * every file at the old or the new commit, so the next call finishes it and loses nothing.
 * @throws RepositoryError: moved, dirty, outside_roots.
 */
export async function advanceLocal(git: Git, source: LocalSource, move: Advance): Promise<void> {
  const ref = branchRef(move.branch);
  const now = await git.run(['--git-dir', source.commonDir, 'rev-parse', '--verify', '--quiet', ref]);
  const at = now.stdout.toString().trim();
  if (at === move.sha) return;
  // A repository that only knew the branch from another one gets it here. A working tree that waits for it is empty.
  const tracked = at === '' && (await trackedBranches(git, source)).refs.get(move.branch)?.sha === move.expected;

  await bringObjects(git, source, move);
  const locked = await lockRef(git, source.commonDir, ref, move.sha, tracked ? '' : move.expected);
  if (!locked) {
    const after = await git.run(['--git-dir', source.commonDir, 'rev-parse', '--verify', '--quiet', ref]);
    if (after.stdout.toString().trim() === move.sha) return;
    throw movedOn(move.branch);
  }
  try {
    const holders = (await worktrees(git, source)).filter((tree) => tree.branch === move.branch);
    for (const holder of holders) {
      await assertInBounds(source.bounds, holder.dir);
      const expected = tracked ? emptyTree : move.expected;
      await moveFiles(await NeutralTree.open(git, source, holder, move.neutralDir), holder, { ...move, expected });
    }
    await locked.commit();
  } finally {
    await locked.release();
  }
}

/** The error for a branch that is at another commit than the expected one. */
export const movedOn = (branch: string) =>
  new RepositoryError(
    'moved',
    `Branch "${branch}" has moved on since it was read. Nothing was changed; try again from its new commit.`,
  );

async function bringObjects(git: Git, source: LocalSource, move: Advance): Promise<void> {
  const flags = [
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--quiet',
    `--upload-pack=${localService('upload-pack')}`,
  ];
  const fetched = await pastLocks(() =>
    git.run(['--git-dir', source.commonDir, 'fetch', ...flags, '--', move.mirrorDir, move.sha]),
  );
  if (fetched.exitCode !== 0) throw gitFailed(fetched.stderr);
}

async function moveFiles(tree: NeutralTree, holder: Worktree, { branch, sha, expected }: Advance): Promise<void> {
  if (await tree.isClean(sha)) return;
  const clean = await tree.isClean(expected);
  if (!clean && !(await isHalfMoved(tree, expected, sha))) {
    throw new RepositoryError(
      'dirty',
      `The working tree that has "${branch}" checked out has changes that are not committed. Commit or stash them, then merge again.`,
    );
  }
  // Git compares times before content, and a clean file may have been touched.
  if (clean) await pastLocks(() => tree.runAsStored(['update-index', '-q', '--refresh']));
  // After an interrupted move every file equals one of the two commits, so resetting to the new one loses nothing.
  const moved = await pastLocks(() =>
    tree.runAsStored(clean ? ['read-tree', '-m', '-u', expected, sha] : ['read-tree', '--reset', '-u', sha]),
  );
  if (moved.exitCode === 0) return;
  const inTheWay =
    /Untracked working tree file '(.+)' would be overwritten|'(.+)' not uptodate|Updating '(.+)' would lose/.exec(
      moved.stderr,
    );
  if (!inTheWay) throw gitFailed(moved.stderr.replaceAll(holder.dir, '.'));
  const file = inTheWay.slice(1).find((name) => name !== undefined);
  throw new RepositoryError(
    'dirty',
    `The working tree that has "${branch}" checked out holds "${file}", which the merge would overwrite. Move it away or commit it, then merge again.`,
  );
}

/** Whether every file, tracked before or after, equals one of the two commits: the state after an interrupted move. */
function isHalfMoved(tree: NeutralTree, expected: string, sha: string): Promise<boolean> {
  return tree.withIndexCopy(async (scratch) => {
    if (!(await scratch.indexHolds(expected))) return false;
    const againstOld = await scratch.changed();
    const listed = await scratch.run(['ls-files', '-z']);
    const old = new Set(listed.stdout.toString('latin1').split('\0'));
    const read = await scratch.run(['read-tree', '--reset', sha]);
    if (read.exitCode !== 0) throw gitFailed(read.stderr);
    const againstNew = await scratch.changed();
    return [...againstNew].every(([file, how]) => (old.has(file) ? !againstOld.has(file) : how === 'D'));
  });
}
