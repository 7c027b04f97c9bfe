import type { RepositorySource } from './repositories.ts';

/** GitHub for people: the repositories of a connected account, and what is done there in its name. */
export interface GithubPort {
  /** Whether pull requests of repositories there are opened there (CODE_HOST). */
  readonly opens_pull_requests: boolean;
  /** Whether the installation's own token serves the repositories of an organization. */
  serves(slug: string): boolean;
  /** The repository that an address names; undefined for one elsewhere. */
  placeOf(address: string | null): GithubPlace | undefined;
  /** The address of a repository, as git uses it. */
  addressOf(place: GithubPlace): string;
  /**
   * How a connected repository is now, as its connection sees it. It is read by its lasting id, also under another name.
   * @throws AppError unavailable and rate_limited.
   */
  standing(connection: GithubConnection): Promise<GithubStanding>;
  /** Where the installation's App is installed for a repository: how to act there. Undefined elsewhere. */
  installed(place: GithubPlace): Promise<{ installation_id: string; token: string } | undefined>;
  /** A connected account, by its credential; undefined where its connection has ended. @throws AppError('unavailable') */
  ofAccount(credentialId: string): Promise<GithubAccount | undefined>;
  /** The account whose credential serves a project's repository; undefined without one, and for a repository elsewhere. */
  of(source: RepositorySource): Promise<GithubAccount | undefined>;
}

/** A repository that is connected to a project. */
export interface GithubConnection {
  /** Where it was, when that was last read. */
  place: GithubPlace;
  /** GitHub's lasting id; null: not known yet. */
  repository_id: string | null;
  /** Of the App, where that serves it; null: the credential of the source does. */
  installation_id: string | null;
  source: RepositorySource;
}

export interface GithubStanding {
  /** Absent where GitHub does not show it to the connection. */
  repository?: { id: string; full_name: string; place: GithubPlace };
  /** Why it cannot be worked on, and what to do; null: it can. */
  problem: string | null;
}

export interface GithubPlace {
  owner: string;
  repo: string;
}

/** One page of a list. `cursor` is the `next_cursor` of the page before. */
export interface GithubPage {
  limit: number;
  cursor?: string;
}

export interface Listed<T> {
  items: T[];
  next_cursor: string | null;
}

/**
 * What a connected account sees and does. Nothing is retried.
 *
 * All methods throw AppError: invalid_rule (a refused token, or what GitHub's rules refuse), forbidden, not_found,
 * conflict, rate_limited with the seconds to wait, unavailable.
 */
export interface GithubAccount {
  /** Repositories that the account may read, the last pushed first. @param query a part of their full name. */
  repositories(page: GithubPage, query?: string): Promise<Listed<GithubRepository>>;
  /** The account itself, then its organizations. */
  owners(page: GithubPage): Promise<Listed<GithubOwner>>;
  repository(place: GithubPlace): Promise<GithubRepository>;
  /**
   * Whether the account may push branches and open pull requests, and, with `of_token`, its token too. Nothing is changed.
   * @throws forbidden with the right that is missing, and its remedy; invalid_rule for an archived repository.
   */
  requireRights(place: GithubPlace, which: { of_token: boolean }): Promise<void>;
  branches(place: GithubPlace, page: GithubPage): Promise<Listed<GithubBranch>>;
  /** @param ref a branch, tag or commit; by default the default branch. */
  file(place: GithubPlace, path: string, ref?: string): Promise<GithubFile>;
  directory(place: GithubPlace, path: string, page: GithubPage, ref?: string): Promise<Listed<GithubEntry>>;
  /** All files and folders at a revision. `truncated`: GitHub lists no more of so many. */
  tree(place: GithubPlace, page: GithubPage, ref?: string): Promise<Listed<GithubEntry> & { truncated: boolean }>;
  commits(place: GithubPlace, page: GithubPage, of: { ref?: string; path?: string }): Promise<Listed<GithubCommit>>;
  pulls(place: GithubPlace, page: GithubPage, state: 'open' | 'closed' | 'all'): Promise<Listed<GithubPull>>;
  /** @param from a branch, tag or commit; by default the default branch. */
  createBranch(place: GithubPlace, name: string, from?: string): Promise<GithubBranch>;
  createPull(
    place: GithubPlace,
    pull: { title: string; body?: string; head: string; base: string; draft?: boolean },
  ): Promise<GithubPull>;
  /** Commits a file. @param file.sha of the file that it replaces; absent for a new one. */
  putFile(
    place: GithubPlace,
    path: string,
    file: { content: Buffer; message: string; branch?: string; sha?: string },
  ): Promise<{ sha: string; commit_sha: string }>;
  /** @param owner an entry of `owners`. @throws invalid_rule for a name that is taken, and what GitHub's rules refuse. */
  createRepository(
    owner: GithubOwner,
    repository: {
      name: string;
      private: boolean;
      description?: string;
      /** owner/name of the repository whose files it begins with. */
      template?: string;
      first_commit: boolean;
    },
  ): Promise<GithubRepository>;
  /** Registers a webhook, or changes that with the same address. @returns its id. */
  registerWebhook(place: GithubPlace, hook: { url: string; secret: string; events: string[] }): Promise<string>;
  /** One that is gone is no error. */
  removeWebhook(place: GithubPlace, id: string): Promise<void>;
}

export interface GithubRepository {
  /** It stays the same under another name or owner. */
  id: string;
  owner: string;
  name: string;
  full_name: string;
  description: string | null;
  private: boolean;
  archived: boolean;
  default_branch: string;
  /** Its page. */
  url: string;
  language: string | null;
  stars: number;
  pushed_at: string | null;
  /** What the account may do there. */
  may_push: boolean;
  may_administer: boolean;
}

interface GithubOwner {
  login: string;
  kind: 'user' | 'organization';
}

export interface GithubBranch {
  name: string;
  sha: string;
  protected: boolean;
}

interface GithubFile {
  path: string;
  sha: string;
  size: number;
  /** The content as text where it is text, else in base64. */
  content: string;
  encoding: 'utf-8' | 'base64';
}

export interface GithubEntry {
  path: string;
  kind: 'file' | 'directory' | 'symlink' | 'submodule';
  sha: string;
  size: number | null;
}

export interface GithubCommit {
  sha: string;
  message: string;
  author: string | null;
  authored_at: string | null;
  url: string;
}

export interface GithubPull {
  number: number;
  title: string;
  state: 'open' | 'closed' | 'merged';
  draft: boolean;
  author: string | null;
  head: string;
  base: string;
  head_sha: string;
  url: string;
  created_at: string;
}
