import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { GithubBranch, GithubCommit, GithubEntry, GithubPull, GithubRepository } from '../../ports/github.ts';

type Answers = RestEndpointMethodTypes;
type Repository =
  | Answers['repos']['listForAuthenticatedUser']['response']['data'][number]
  | Answers['repos']['get']['response']['data'];
type Branch = Answers['repos']['listBranches']['response']['data'][number];
type Commit = Answers['repos']['listCommits']['response']['data'][number];
type Pull = Answers['pulls']['list']['response']['data'][number] | Answers['pulls']['create']['response']['data'];

export const repositoryOf = (row: Repository): GithubRepository => ({
  id: String(row.id),
  owner: row.owner.login,
  name: row.name,
  full_name: row.full_name,
  description: row.description,
  private: row.private,
  archived: row.archived ?? false,
  default_branch: row.default_branch,
  url: row.html_url,
  language: row.language ?? null,
  stars: row.stargazers_count,
  pushed_at: row.pushed_at ?? null,
  may_push: row.permissions?.push ?? false,
  may_administer: row.permissions?.admin ?? false,
});

export const branchOf = (row: Branch): GithubBranch => ({
  name: row.name,
  sha: row.commit.sha,
  protected: row.protected,
});

export const commitOf = ({ sha, commit, html_url: url }: Commit): GithubCommit => ({
  sha,
  message: commit.message,
  author: commit.author?.name ?? null,
  authored_at: commit.author?.date ?? null,
  url,
});

export const pullOf = (row: Pull): GithubPull => ({
  number: row.number,
  title: row.title,
  state: row.merged_at ? 'merged' : row.state === 'open' ? 'open' : 'closed',
  draft: row.draft ?? false,
  author: row.user?.login ?? null,
  head: row.head.ref,
  base: row.base.ref,
  head_sha: row.head.sha,
  url: row.html_url,
  created_at: row.created_at,
});

/** By the names that GitHub uses for content and for trees. */
const kinds: Record<string, GithubEntry['kind'] | undefined> = {
  dir: 'directory',
  tree: 'directory',
  symlink: 'symlink',
  submodule: 'submodule',
  commit: 'submodule',
};

export const entryOf = (row: { path: string; type: string; sha: string; size: number }): GithubEntry => ({
  path: row.path,
  kind: kinds[row.type] ?? 'file',
  sha: row.sha,
  size: row.type === 'dir' ? null : row.size,
});

export const treeEntryOf = (row: {
  path: string;
  mode: string;
  type: string;
  sha: string;
  size?: number;
}): GithubEntry => ({
  path: row.path,
  kind: row.mode === '120000' ? 'symlink' : (kinds[row.type] ?? 'file'),
  sha: row.sha,
  size: row.size ?? null,
});
