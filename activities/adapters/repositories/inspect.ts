import { cutStart } from '#workflows/domain/text.ts';
import { RepositoryError, type RepositoryFacts } from '../../ports/repositories.ts';
import type { Git } from './git-command.ts';
import { requireObjects } from './missing-objects.ts';
import { remoteFailed } from './remote.ts';
import type { LocalSource, RemoteSource, Source } from './sources.ts';
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
  /** Names of branches that the repository only knows from another one, such as origin/main. */
  tracked: string[];
}

/**
 * Reads the state of a source without changing it.
 * @throws RepositoryError: empty, no_branch, sha256, missing_objects, branch_missing, unreachable (a remote that gives
 * no answer within 10 s).
 */
export async function inspectSource(
  git: Git,
  source: Source,
  neutralDir: string,
  branch?: string,
): Promise<RepositoryFacts> {
  const refs = await (source.kind === 'local' ? readLocal(git, source) : readRemote(git, source));
  const { heads, branches } = refs;
  if (branches.size === 0) throw withoutBranch(refs);
  const chosen = branch ?? [...heads, ...usualNames].find((name) => branches.has(name)) ?? [...branches.keys()][0];
  const head = chosen && branches.get(chosen);
  if (!chosen || !head) {
    const known = [...branches.keys()].slice(0, 10).join(', ');
    throw new RepositoryError('branch_missing', `The repository has no branch "${branch}". It has: ${known}.`);
  }
  if (head.length !== 40)
    throw new RepositoryError(
      'sha256',
      'The repository names its objects by SHA-256, which OmoiOS cannot read. Name a repository in the SHA-1 format: git init --object-format=sha1, then bring the files over.',
    );
  if (source.kind === 'local') {
    await requireObjects(git, source);
    await requireNames(git, source, head);
  }
  return {
    default_branch: chosen,
    head_sha: head,
    bare: source.kind === 'remote' || source.bare,
    dirty: source.kind === 'local' && !source.bare && (await isDirty(git, source, neutralDir, branches)),
    branches: [...branches.keys()],
  };
}

/** Longest name in bytes that a file may have, and longest path below a workspace. */
const longestName = 255;
const longestPath = 3800;

/** @throws RepositoryError('bad_names') when no file system can hold the files of the commit. */
async function requireNames(git: Git, source: LocalSource, sha: string): Promise<void> {
  const listed = await git.run(['--git-dir', source.commonDir, 'ls-tree', '-r', '-z', '--name-only', sha]);
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

async function readLocal(git: Git, source: LocalSource): Promise<Refs> {
  const listed = await git.text([
    '--git-dir',
    source.commonDir,
    'for-each-ref',
    '--format=%(objectname) %(refname)',
    'refs/heads/',
    'refs/remotes/',
  ]);
  const head = await git.run(['--git-dir', source.gitDir, 'symbolic-ref', '--quiet', '--short', 'HEAD']);
  const name = head.stdout.toString().trim();
  const at = await git.run(['--git-dir', source.gitDir, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  return {
    heads: [name].filter(Boolean),
    branches: parseRefs(listed, ' '),
    detached: name ? undefined : at.stdout.toString().trim() || undefined,
    tracked: [...listed.matchAll(/ refs\/remotes\/(.+)$/gm)].map(([, ref = '']) => ref),
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
    tracked: [],
  };
}

/** The error for a repository without a branch: it has commits that no branch leads to, or none at all. */
function withoutBranch({ detached, tracked }: Refs): RepositoryError {
  if (detached)
    return new RepositoryError(
      'no_branch',
      `The repository has no branch: its HEAD is detached at ${detached.slice(0, 12)}. Create one with "git switch -c main", then try again.`,
    );
  const known = tracked.find((name) => !name.endsWith('/HEAD'));
  if (known) {
    const branch = known.slice(known.indexOf('/') + 1);
    return new RepositoryError(
      'no_branch',
      `The repository has no branch of its own, only ${known}. Create one with "git switch -c ${branch} ${known}", then try again.`,
    );
  }
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
  const head = tree.branch
    ? branches.get(tree.branch)
    : await git.text(['--git-dir', source.gitDir, 'rev-parse', '--verify', 'HEAD^{commit}']);
  if (!head) return false;
  return !(await (await NeutralTree.open(git, source, tree, neutralDir)).isClean(head));
}
