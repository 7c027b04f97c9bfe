import type { Git } from './git-command.ts';
import type { LocalSource } from './sources.ts';

/** Branches that a repository only knows from another one, such as origin/main. */
export interface TrackedBranches {
  /** The full ref and the commit by the branch's name, of the remote `origin` or of the only remote. */
  refs: Map<string, { ref: string; sha: string }>;
  /** The branch that the remote's HEAD names, or the only one; undefined where several may be meant. */
  default: string | undefined;
  /** All of them, by the names that git shows, and by those without the remote. */
  known: { name: string; branch: string }[];
}

export async function trackedBranches(git: Git, source: LocalSource): Promise<TrackedBranches> {
  const listed = await git.text([
    '--git-dir',
    source.commonDir,
    'for-each-ref',
    '--format=%(objectname) %(refname:lstrip=2) %(symref:lstrip=2)',
    'refs/remotes/',
  ]);
  const rows = listed
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '))
    .map(([sha = '', name = '', target = '']) => ({ sha, name, target }));
  // The name of a remote may hold slashes.
  const named = (await git.run(['--git-dir', source.commonDir, 'remote'])).stdout
    .toString()
    .split('\n')
    .filter(Boolean);
  const remoteOf = (name: string) =>
    named.filter((remote) => name.startsWith(`${remote}/`)).sort((a, b) => b.length - a.length)[0] ??
    name.slice(0, name.indexOf('/'));
  const remotes = [...new Set(rows.map(({ name }) => remoteOf(name)))];
  const remote = remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined;
  const own = rows.filter(({ name }) => remote !== undefined && remoteOf(name) === remote);
  const short = (name: string) => name.slice(remoteOf(name).length + 1);
  const refs = new Map(
    own
      .filter(({ target }) => !target)
      .map(({ name, sha }) => [short(name), { ref: `refs/remotes/${name}`, sha }] as const),
  );
  const head = own.find(({ name, target }) => target && short(name) === 'HEAD');
  const meant = head && short(head.target);
  return {
    refs,
    default: meant && refs.has(meant) ? meant : refs.size === 1 ? [...refs.keys()][0] : undefined,
    known: rows.filter(({ target }) => !target).map(({ name }) => ({ name, branch: short(name) })),
  };
}
