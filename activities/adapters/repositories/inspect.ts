import path from 'node:path';
import { RepositoryError, type RepositoryFacts } from '../../ports/repositories.ts';
import type { Git } from './git-command.ts';
import { requireObjects } from './missing-objects.ts';
import { requireNames, requireRemoteNames } from './names.ts';
import { branchRef } from './ref-names.ts';
import { remoteFailed } from './remote.ts';
import type { LocalSource, RemoteSource, Source } from './sources.ts';
import { trackedBranches, type TrackedBranches } from './tracked-branches.ts';
import { NeutralTree, worktrees } from './worktrees.ts';

/** The order in which a default branch is looked for when HEAD names none. */
const usualNames = ['main', 'master', 'develop', 'trunk'];

const remoteTimeoutMs = 10_000;

type Branches = Map<string, string>;

interface Refs {
  heads: string[];
  branches: Branches;
  /** The commit of HEAD when no branch leads to it. */
  detached?: string;
  tracked?: TrackedBranches;
}

/**
 * Reads the state of a source without changing it.
 * @throws RepositoryError: empty, no_branch, sha256, missing_objects, bad_names, branch_missing, unreachable (a remote that gives
 * no answer within 10 s).
 */
export async function inspectSource(
  git: Git,
  source: Source,
  neutralDir: string,
  branch?: string,
): Promise<RepositoryFacts> {
  const refs = await (source.kind === 'local' ? readLocal(git, source) : readRemote(git, source));
  const { heads, branches, tracked } = refs;
  const own = [...heads, ...usualNames].find((name) => branches.has(name)) ?? [...branches.keys()][0];
  const chosen = branch ?? own ?? tracked?.default;
  if (!chosen) throw withoutBranch(refs);
  requireBranchName(chosen);
  const head = branches.get(chosen) ?? tracked?.refs.get(chosen)?.sha;
  if (!head) {
    if (branches.size === 0 && !tracked?.refs.size) throw withoutBranch(refs);
    const known = [...branches.keys(), ...(tracked?.refs.keys() ?? [])].slice(0, 10).join(', ');
    throw new RepositoryError('branch_missing', `The repository has no branch "${branch}". It has: ${known}.`);
  }
  if (head.length !== 40)
    throw new RepositoryError(
      'sha256',
      'The repository names its objects by SHA-256, which OmoiOS cannot read. Name a repository in the SHA-1 format: git init --object-format=sha1, then bring the files over.',
    );
  if (source.kind === 'local') {
    await requireObjects(git, source, head);
    await requireNames(git, source.commonDir, head);
  } else await requireRemoteNames(git, source, chosen, head, path.dirname(neutralDir));
  return {
    default_branch: chosen,
    head_sha: head,
    bare: source.kind === 'remote' || source.bare,
    dirty: source.kind === 'local' && !source.bare && (await isDirty(git, source, neutralDir, branches)),
    branches: branches.size > 0 ? [...branches.keys()] : [chosen],
  };
}

/** @throws RepositoryError('bad_ref') for a branch that git allows and that no file system or database holds. */
function requireBranchName(branch: string): void {
  try {
    branchRef(branch);
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error;
    throw new RepositoryError(
      'bad_ref',
      `${error.message} Rename it with "git branch -m NEW_NAME", or name another branch as default_branch, then try again.`,
    );
  }
}

async function readLocal(git: Git, source: LocalSource): Promise<Refs> {
  // With broken ones: a default branch that leads to no object must not pass for another one.
  const listed = await git.text(
    ['--git-dir', source.commonDir, 'for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/'],
    { env: { GIT_REF_PARANOIA: '1' } },
  );
  const head = await git.run(['--git-dir', source.gitDir, 'symbolic-ref', '--quiet', '--short', 'HEAD']);
  const name = head.stdout.toString().trim();
  const at = await git.run(['--git-dir', source.gitDir, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  return {
    heads: [name].filter(Boolean),
    branches: parseRefs(listed, ' '),
    detached: name ? undefined : at.stdout.toString().trim() || undefined,
    tracked: await trackedBranches(git, source),
  };
}

async function readRemote(git: Git, { address, env }: RemoteSource): Promise<Refs> {
  const listed = await git.run(['ls-remote', '--symref', '--', address, 'HEAD', 'refs/heads/*'], {
    env,
    timeoutMs: remoteTimeoutMs,
  });
  if (listed.exitCode !== 0) {
    throw remoteFailed('The repository could not be read.');
  }
  const lines = listed.stdout.toString();
  const head = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(lines)?.[1];
  return {
    heads: head ? [head] : [],
    branches: parseRefs(lines, '\t'),
    detached: /^([0-9a-f]{40,64})\tHEAD$/m.exec(lines)?.[1],
  };
}

/** The error for a repository without a branch that could be meant: no branch leads to its commits, several do, or none. */
function withoutBranch({ detached, tracked }: Refs): RepositoryError {
  const [known] = tracked?.known ?? [];
  if (known) {
    const names = tracked?.known.slice(0, 10).map(({ name }) => name);
    return new RepositoryError(
      'no_branch',
      `The repository has no branch of its own, and no remote HEAD says which one is meant: ${names?.join(', ')}. Name one as default_branch, or create one with "git switch -c ${known.branch} ${known.name}", then try again.`,
    );
  }
  if (detached)
    return new RepositoryError(
      'no_branch',
      `The repository has no branch: its HEAD is detached at ${detached.slice(0, 12)}. Create one with "git switch -c main", then try again.`,
    );
  return new RepositoryError('empty', 'The repository has no commits yet. Make a first commit, then try again.');
}

function parseRefs(listed: string, separator: string): Branches {
  const branches: Branches = new Map();
  for (const line of listed.split('\n')) {
    const [sha = '', ref] = line.split(separator);
    if (ref?.startsWith('refs/heads/') && /^[0-9a-f]{40,64}$/.test(sha))
      branches.set(ref.slice('refs/heads/'.length), sha);
  }
  return branches;
}

async function isDirty(git: Git, source: LocalSource, neutralDir: string, branches: Branches): Promise<boolean> {
  const tree = (await worktrees(git, source)).find((w) => w.gitDir === source.gitDir);
  if (!tree) return false;
  const at = await git.run(['--git-dir', source.gitDir, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  // Without a commit, HEAD names a ref that does not exist yet.
  const head = tree.branch ? branches.get(tree.branch) : at.stdout.toString().trim();
  if (!head) return false;
  return !(await (await NeutralTree.open(git, source, tree, neutralDir)).isClean(head));
}
