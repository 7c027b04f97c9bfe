import { RepositoryError, type RepositoryFacts } from '../../ports/repositories.ts';
import { gitFailed, type Git } from './git-command.ts';
import type { LocalSource, Source } from './sources.ts';
import { NeutralTree, worktrees } from './worktrees.ts';

/** The order in which a default branch is looked for when HEAD names none. */
const usualNames = ['main', 'master', 'develop', 'trunk'];

const remoteTimeoutMs = 10_000;

type Branches = Map<string, string>;

/**
 * Reads the state of a source without changing it.
 * @throws RepositoryError: empty, branch_missing, unreachable (a remote that gives no answer within 10 s).
 */
export async function inspectSource(
  git: Git,
  source: Source,
  neutralDir: string,
  branch?: string,
): Promise<RepositoryFacts> {
  const { heads, branches } = await (source.kind === 'local'
    ? readLocal(git, source)
    : readRemote(git, source.address));
  if (branches.size === 0)
    throw new RepositoryError('empty', 'The repository has no commits yet. Make a first commit, then try again.');
  const chosen = branch ?? [...heads, ...usualNames].find((name) => branches.has(name)) ?? [...branches.keys()][0];
  const head = chosen && branches.get(chosen);
  if (!chosen || !head) {
    const known = [...branches.keys()].slice(0, 10).join(', ');
    throw new RepositoryError('branch_missing', `The repository has no branch "${branch}". It has: ${known}.`);
  }
  return {
    default_branch: chosen,
    head_sha: head,
    bare: source.kind === 'remote' || source.bare,
    dirty: source.kind === 'local' && !source.bare && (await isDirty(git, source, neutralDir, branches)),
    branches: [...branches.keys()],
  };
}

async function readLocal(git: Git, source: LocalSource): Promise<{ heads: string[]; branches: Branches }> {
  const listed = await git.text([
    '--git-dir',
    source.commonDir,
    'for-each-ref',
    '--format=%(objectname) %(refname)',
    'refs/heads/',
  ]);
  const head = await git.run(['--git-dir', source.gitDir, 'symbolic-ref', '--quiet', '--short', 'HEAD']);
  return { heads: [head.stdout.toString().trim()].filter(Boolean), branches: parseRefs(listed, ' ') };
}

async function readRemote(git: Git, address: string): Promise<{ heads: string[]; branches: Branches }> {
  const listed = await git.run(['ls-remote', '--symref', '--', address, 'HEAD', 'refs/heads/*'], {
    timeoutMs: remoteTimeoutMs,
  });
  if (listed.exitCode !== 0) {
    throw new RepositoryError('unreachable', `The repository could not be read. ${gitFailed(listed.stderr).message}`);
  }
  const lines = listed.stdout.toString();
  const head = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(lines)?.[1];
  return { heads: head ? [head] : [], branches: parseRefs(lines, '\t') };
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
