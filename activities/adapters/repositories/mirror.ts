import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { RepositoryError } from '../../ports/repositories.ts';
import { gitFailed, overtaken, pastLocks, type Git } from './git-command.ts';
import { lacksObjects, missingObjects, requireObjects } from './missing-objects.ts';
import { requireNames } from './names.ts';
import { branchRef } from './ref-names.ts';
import { remoteFailed } from './remote.ts';
import { envOf, serviceFlags, type LocalSource, type Source } from './sources.ts';
import { trackedBranches } from './tracked-branches.ts';

/** Refs of the branches of a project's source. The platform's own branches are in refs/heads. */
export const originRefs = 'refs/remotes/origin/';
/** Refs of its tags: hidden, so that a tag with the name of a branch hides no branch. Workspaces have them as tags. */
const tagRefs = 'refs/omoios/tags/';

/** Path of a project's mirror. */
export function mirrorOf(dataDir: string, projectId: string): string {
  if (!/^[\w-]{1,100}$/.test(projectId)) throw new RepositoryError('bad_ref', 'This is not a valid project id.');
  return path.join(dataDir, 'repos', `${projectId}.git`);
}

const isMirror = (dir: string): boolean => existsSync(path.join(dir, 'HEAD'));

/** Creates a bare repository at the path unless there is one. Two calls at once create one. */
export async function ensureBare(git: Git, dir: string): Promise<void> {
  if (isMirror(dir)) return;
  await mkdir(path.dirname(dir), { recursive: true });
  const fresh = `${dir}.${randomBytes(6).toString('hex')}.new`;
  // Under root, sandboxes read the objects as another user, whatever root's umask is.
  const shared = process.getuid?.() === 0 ? ['--shared=0644'] : [];
  await git.text(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', ...shared, fresh]);
  await git.text(['--git-dir', fresh, 'config', 'gc.auto', '0']);
  await git.run(['--git-dir', fresh, 'config', '--unset', 'receive.denyNonFastforwards']);
  await rename(fresh, dir).catch(async (error: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** The ref of a branch that the repository only knows from another one; undefined where it has the branch itself. */
async function onlyTracked(git: Git, source: LocalSource, branch: string): Promise<string | undefined> {
  const own = await git.run(['--git-dir', source.commonDir, 'show-ref', '--verify', '--quiet', branchRef(branch)]);
  return own.exitCode === 0 ? undefined : (await trackedBranches(git, source)).refs.get(branch)?.ref;
}

/**
 * Fetches every branch and tag of the source, removes those that no longer exist there, and sets the mirror's own copy
 * of the default branch and its HEAD, from which workspaces learn the default branch.
 * @returns the commit of the default branch.
 * @throws RepositoryError: unreachable, branch_missing, missing_objects, bad_names.
 */
export async function fetchSource(git: Git, gitDir: string, source: Source, branch: string): Promise<string> {
  await ensureBare(git, gitDir);
  const flags = [
    '--no-tags',
    '--prune',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--update-shallow',
    '--quiet',
  ];
  const tracked = source.kind === 'local' ? await onlyTracked(git, source, branch) : undefined;
  const from = [
    ...serviceFlags(source, 'upload-pack'),
    '--',
    source.address,
    `+refs/heads/*:${originRefs}*`,
    `+refs/tags/*:${tagRefs}*`,
    ...(tracked ? [`+${tracked}:${originRefs}${branch}`] : []),
  ];
  const fetched = await pastLocks(
    () => git.run(['--git-dir', gitDir, 'fetch', ...flags, ...from], { env: envOf(source) }),
    overtaken,
  );
  if (fetched.exitCode !== 0) {
    if (source.kind === 'local') {
      await requireObjects(git, source);
      if (lacksObjects.test(fetched.stderr)) throw missingObjects();
    }
    throw source.kind === 'remote' ? remoteFailed('The repository could not be fetched.') : gitFailed(fetched.stderr);
  }
  const ref = branchRef(branch);
  const found = await git.run([
    '--git-dir',
    gitDir,
    'rev-parse',
    '--verify',
    '--quiet',
    `${originRefs}${branch}^{commit}`,
  ]);
  const sha = found.stdout.toString().trim();
  if (!sha) throw new RepositoryError('branch_missing', `The repository has no branch "${branch}".`);
  const before = await git.run(['--git-dir', gitDir, 'rev-parse', '--verify', '--quiet', ref]);
  if (before.stdout.toString().trim() !== sha) await requireNames(git, gitDir, sha);
  const updated = await pastLocks(() => git.run(['--git-dir', gitDir, 'update-ref', ref, sha]));
  if (updated.exitCode !== 0) throw gitFailed(updated.stderr);
  const pointed = await pastLocks(() => git.run(['--git-dir', gitDir, 'symbolic-ref', 'HEAD', ref]));
  if (pointed.exitCode !== 0) throw gitFailed(pointed.stderr);
  return sha;
}

/**
 * Makes a mirror that was deleted again from its source, with those of the platform's own branches that the source has.
 * The mirror appears when it is complete. Two calls at once make one.
 * @param own names of the platform's branches.
 * @returns the commit of the default branch, and the own branches that the source does not have.
 */
export async function rebuildMirror(
  git: Git,
  gitDir: string,
  { source, branch, own }: { source: Source; branch: string; own: string[] },
): Promise<{ sha: string; lost: string[] }> {
  const fresh = `${gitDir}.${randomBytes(6).toString('hex')}.new`;
  try {
    const sha = await fetchSource(git, fresh, source, branch);
    const lost: string[] = [];
    for (const name of own) {
      const found = await git.run(['--git-dir', fresh, 'rev-parse', '--verify', '--quiet', `${originRefs}${name}`]);
      if (found.exitCode === 0)
        await git.text(['--git-dir', fresh, 'update-ref', branchRef(name), found.stdout.toString().trim()]);
      else lost.push(name);
    }
    // What is left of a mirror without its HEAD is kept aside: its objects may be all that is left of some work.
    if (existsSync(gitDir) && !isMirror(gitDir)) await rename(gitDir, `${fresh.slice(0, -'.new'.length)}.left`);
    await rename(fresh, gitDir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return { sha, lost };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
