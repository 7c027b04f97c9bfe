/** Shapes of GitHub's answers, with all fields that its published description requires. */

export interface Account {
  id: number;
  login: string;
  type: 'User' | 'Organization';
}

export interface HostedRepository {
  id: number;
  owner: Account;
  name: string;
  default_branch: string;
  private: boolean;
  archived?: boolean;
}

export interface HostedPull {
  /** owner/name */
  repository: string;
  id: number;
  number: number;
  author: Account;
  title: string;
  body: string | null;
  head: string;
  /** Of a branch of a fork. */
  fork?: true;
  base: string;
  head_sha: string;
  base_sha: string;
  state: 'open' | 'closed';
  merge_sha: string | null;
  merged_by: Account | null;
  draft: boolean;
  /** What it became: a draft, or ready. */
  drafts: boolean[];
  auto_merge: { method: string; by: Account } | null;
  labels: string[];
  at: string;
  ended_at: string | null;
}

export const labelOf = (api: string, fullName: string, name: string, id: number) => ({
  ...{ id, node_id: nodeOf('L', id), url: `${api}/repos/${fullName}/labels/${name}`, name },
  ...{ description: '', color: 'ededed', default: false },
});

/** Addresses that a reader follows, by the names of their fields. */
const addresses = (url: string, names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [`${name}_url`, `${url}/${name.replaceAll('_', '-')}`]));

export const nodeOf = (kind: string, id: number) => Buffer.from(`${kind}${id}`).toString('base64');

export const accountOf = (api: string, web: string, { id, login, type }: Account) => ({
  id,
  login,
  type,
  node_id: nodeOf('U', id),
  gravatar_id: '',
  site_admin: false,
  url: `${api}/users/${login}`,
  html_url: `${web}/${login}`,
  ...addresses(
    `${api}/users/${login}`,
    'avatar events followers following gists organizations received_events repos starred subscriptions',
  ),
});

export interface HostedHook {
  repository: string;
  id: number;
  active: boolean;
  events: string[];
  config: { url?: string; secret?: string; content_type?: string; insecure_ssl?: string };
}

/** The secret is not shown. */
export function hookOf(repositoryUrl: string, { id, active, events, config }: HostedHook) {
  const url = `${repositoryUrl}/hooks/${id}`;
  const at = '2026-01-01T00:00:00Z';
  return {
    ...{ id, url, type: 'Repository', name: 'web', active, events, created_at: at, updated_at: at },
    config: { ...config, ...(config.secret ? { secret: '********' } : {}) },
    ...{ ping_url: `${url}/pings`, test_url: `${url}/test`, deliveries_url: `${url}/deliveries` },
    last_response: { code: null, status: 'unused', message: null },
  };
}

/** A check of a commit: as an app reports it, or as a status. */
export interface HostedCheck {
  name: string;
  /** null: it has not ended. */
  conclusion: 'success' | 'failure' | null;
  as: 'check' | 'status';
  /** Of one commit; absent: of all. */
  sha?: string;
  /** Of a job of GitHub Actions: its log. */
  log?: string;
}

const actionsOf = (at: string) => ({
  ...{ id: 15368, slug: 'github-actions', node_id: nodeOf('A', 15368), name: 'GitHub Actions', description: null },
  ...{
    owner: accountOf('https://api.github.com', 'https://github.com', { id: 1, login: 'github', type: 'Organization' }),
  },
  ...{ external_url: 'https://help.github.com', html_url: 'https://github.com/apps/github-actions' },
  ...{ created_at: at, updated_at: at, permissions: {}, events: [] },
});

type NumberedCheck = HostedCheck & { id: number };

export function checksOf(url: string, sha: string, checks: NumberedCheck[]) {
  const at = '2026-01-01T00:00:00Z';
  const runs = checks.map(({ id, name, conclusion, log }) => ({
    ...{ id, node_id: nodeOf('CR', id), head_sha: sha, external_id: '', name },
    ...{ url: `${url}/check-runs/${id}`, html_url: null, details_url: null },
    ...{ status: conclusion ? 'completed' : 'in_progress', conclusion },
    ...{ started_at: at, completed_at: conclusion && at, check_suite: { id: 1 }, app: null, pull_requests: [] },
    ...(log === undefined ? {} : { app: actionsOf(at) }),
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
  }));
  return { total_count: runs.length, check_runs: runs };
}

export function statusOf(api: string, web: string, repository: HostedRepository, sha: string, checks: NumberedCheck[]) {
  const shown = repositoryOf(api, web, repository);
  const at = '2026-01-01T00:00:00Z';
  const statuses = checks.map(({ id, name, conclusion }) => ({
    ...{ id, node_id: nodeOf('S', id), avatar_url: null, url: `${shown.url}/statuses/${sha}` },
    ...{ state: conclusion ?? 'pending', description: null, target_url: null, context: name },
    ...{ created_at: at, updated_at: at },
  }));
  const state = statuses.every((one) => one.state === 'success') ? 'success' : 'pending';
  const url = `${shown.url}/commits/${sha}`;
  return {
    state,
    statuses,
    sha,
    total_count: statuses.length,
    repository: shown,
    commit_url: url,
    url: `${url}/status`,
  };
}

/** A commit, from its id, tree, parents, author's name, mail and time, and subject. */
export function commitOf(
  url: string,
  web: string,
  [sha = '', tree = '', parents = '', name, email, date, subject]: string[],
) {
  const at = (commit: string) => ({
    sha: commit,
    url: `${url}/commits/${commit}`,
    html_url: `${web}/commit/${commit}`,
  });
  return {
    ...at(sha),
    node_id: nodeOf('C', 1),
    comments_url: `${url}/commits/${sha}/comments`,
    author: null,
    committer: null,
    parents: parents.split(' ').filter(Boolean).map(at),
    commit: {
      url: `${url}/git/commits/${sha}`,
      author: { name, email, date },
      committer: { name, email, date },
      message: subject ?? '',
      comment_count: 0,
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
    },
  };
}

/** An entry of a directory, or a file with its bytes. */
export function contentOf(
  url: string,
  web: string,
  ref: string,
  entry: { type: string; sha: string; size: number; path: string },
  bytes?: Buffer,
) {
  const self = `${url}/contents/${entry.path}?ref=${ref}`;
  const kind = entry.type === 'tree' ? 'dir' : 'file';
  const git = `${url}/git/${entry.type}s/${entry.sha}`;
  const html = `${web}/blob/${ref}/${entry.path}`;
  return {
    name: entry.path.split('/').at(-1),
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    type: kind,
    url: self,
    git_url: git,
    html_url: html,
    download_url: kind === 'dir' ? null : `${web}/raw/${ref}/${entry.path}`,
    _links: { self, git, html },
    ...(bytes ? { content: bytes.toString('base64'), encoding: 'base64' } : {}),
  };
}

/** What an account may do with a repository. */
export const permissionsOf = (isAdmin: boolean) => ({
  admin: isAdmin,
  maintain: isAdmin,
  push: isAdmin,
  triage: isAdmin,
  pull: true,
});

/** A single repository, as its reader sees it. */
export const fullRepositoryOf = (api: string, web: string, repository: HostedRepository, isAdmin: boolean) => ({
  ...repositoryOf(api, web, repository),
  permissions: permissionsOf(isAdmin),
  has_discussions: false,
  network_count: 0,
  subscribers_count: 0,
});

export function repositoryOf(api: string, web: string, repository: HostedRepository) {
  const { id, owner, name, default_branch: branch } = repository;
  const fullName = `${owner.login}/${name}`;
  const url = `${api}/repos/${fullName}`;
  const at = '2026-01-01T00:00:00Z';
  return {
    id,
    name,
    node_id: nodeOf('R', id),
    full_name: fullName,
    owner: accountOf(api, web, owner),
    private: repository.private,
    default_branch: branch,
    description: null,
    homepage: null,
    language: 'JavaScript',
    permissions: permissionsOf(true),
    license: null,
    mirror_url: null,
    url,
    html_url: `${web}/${fullName}`,
    clone_url: `${web}/${fullName}.git`,
    git_url: `git://${new URL(web).host}/${fullName}.git`,
    ssh_url: `git@${new URL(web).host}:${fullName}.git`,
    svn_url: `${web}/${fullName}`,
    ...addresses(
      url,
      'archive assignees blobs branches collaborators comments commits compare contents contributors deployments ' +
        'downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels ' +
        'languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags ' +
        'teams trees',
    ),
    archived: repository.archived ?? false,
    disabled: false,
    fork: false,
    has_downloads: true,
    has_issues: true,
    has_pages: false,
    has_projects: true,
    has_wiki: true,
    forks: 0,
    forks_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    size: 1,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    created_at: at,
    updated_at: at,
    pushed_at: at,
  };
}

export function pullOf(api: string, web: string, repository: HostedRepository, pull: HostedPull) {
  const shown = repositoryOf(api, web, repository);
  const { number, head_sha: sha } = pull;
  const url = `${shown.url}/pulls/${number}`;
  const issue = `${shown.url}/issues/${number}`;
  const side = (ref: string, commit: string) => ({
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha: commit,
    user: shown.owner,
    repo: shown,
  });
  const links = {
    self: url,
    html: `${shown.html_url}/pull/${number}`,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${shown.url}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${shown.url}/statuses/${sha}`,
  };
  return {
    id: pull.id,
    node_id: nodeOf('PR', pull.id),
    number,
    url,
    html_url: links.html,
    diff_url: `${links.html}.diff`,
    patch_url: `${links.html}.patch`,
    issue_url: issue,
    comments_url: links.comments,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    statuses_url: links.statuses,
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    state: pull.state,
    locked: false,
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    user: accountOf(api, web, pull.author),
    author_association: 'OWNER',
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: pull.labels.map((name, index) => labelOf(api, pull.repository, name, index + 1)),
    milestone: null,
    auto_merge: null,
    active_lock_reason: null,
    head: pull.fork ? { ...side(pull.head, sha), repo: { ...shown, id: shown.id + 1 } } : side(pull.head, sha),
    base: side(pull.base, pull.base_sha),
    merge_commit_sha: pull.merge_sha,
    merged_at: pull.merge_sha && pull.ended_at,
    created_at: pull.at,
    updated_at: pull.ended_at ?? pull.at,
    closed_at: pull.ended_at,
  };
}

/** What a single pull request has beside those of a list. */
export const detailsOf = (mergedBy: object | null, pull: HostedPull, mergeable: boolean | null, state: string) => ({
  merged: pull.merge_sha !== null,
  merged_by: mergedBy,
  mergeable,
  mergeable_state: state,
  rebaseable: mergeable,
  maintainer_can_modify: false,
  comments: 0,
  review_comments: 0,
  commits: 1,
  additions: 1,
  deletions: 0,
  changed_files: 1,
});
