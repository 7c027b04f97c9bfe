/**
 * The platform's own copy of each project's repository: a bare mirror with every branch, checkpoint and merge. No
 * method runs a hook, filter, merge driver or file-system monitor, since agents may have written them.
 */
export interface RepositoriesPort {
  /** Absolute path of the mirror's folder. Sandboxes on this machine read its objects. */
  gitDir(projectId: string): string;
  /**
   * Reads the facts about the repository at an address and stores nothing.
   * @throws RepositoryError: not_a_repository, empty, no_branch, sha256, missing_objects, bad_names, bad_ref,
   * unreachable, outside_roots, branch_missing, damaged.
   */
  inspect(source: RepositorySource, branch?: string): Promise<RepositoryFacts>;
  /** The folder of a repository on this machine that holds its refs and objects; undefined for a remote one. */
  folderOf(source: RepositorySource): Promise<string | undefined>;
  /**
   * Fetches the source's branches and tags into the mirror, which is created when missing. Returns the default branch's
   * commit.
   * @throws RepositoryError: unreachable, branch_missing, missing_objects, not_a_repository, outside_roots.
   */
  sync(projectId: string, source: RepositorySource, branch: string): Promise<{ sha: string }>;

  /**
   * Makes a missing mirror again from its source, with those of the platform's own branches (`own`) that the source has;
   * `lost` names the others. Commits that only the mirror held are lost: checkpoints, and work that was not pushed.
   * @throws RepositoryError as `sync`.
   */
  rebuild(
    projectId: string,
    source: RepositorySource,
    branch: string,
    own: string[],
  ): Promise<{ sha: string; lost: string[] }>;

  /** The commit that a ref or an abbreviated id names; undefined when there is none. */
  resolve(projectId: string, ref: string): Promise<string | undefined>;
  /** Id of the tree of a commit. */
  treeOf(projectId: string, sha: string): Promise<string>;
  /** Names of local branches (not hidden refs) that begin with the prefix. */
  branches(projectId: string, prefix?: string): Promise<string[]>;
  /**
   * Creates or moves a ref atomically, and only from `expected`: '' = it must not exist, undefined = any state.
   * @returns false when the ref was at another commit.
   */
  updateRef(projectId: string, ref: string, sha: string, expected?: string): Promise<boolean>;
  deleteRef(projectId: string, ref: string): Promise<void>;
  isAncestor(projectId: string, ancestor: string, descendant: string): Promise<boolean>;
  mergeBase(projectId: string, a: string, b: string): Promise<string | undefined>;
  /** Counts the commits that only `head` has (ahead) and that only `base` has (behind). */
  aheadBehind(projectId: string, base: string, head: string): Promise<{ ahead: number; behind: number }>;

  /**
   * Merges two commits in memory. Where `conflicts` is not empty, the files of `tree` contain conflict markers.
   * @throws RepositoryError('unrelated') when the commits have no common ancestor.
   */
  mergeTree(projectId: string, ours: string, theirs: string): Promise<MergeTree>;
  /** @param options.date with a fixed date a repeated call creates the same commit; the default is now. */
  commitTree(
    projectId: string,
    options: {
      tree: string;
      parents: string[];
      message: string;
      author?: { name: string; email: string };
      date?: Date;
    },
  ): Promise<string>;
  /** Content of a file at a commit or tree; undefined when the file does not exist. */
  readFile(projectId: string, rev: string, path: string): Promise<Buffer | undefined>;
  /** Texts of the files by path, undefined for a file that is not text. Files that do not exist are left out. */
  readFiles(projectId: string, rev: string, paths: string[]): Promise<Map<string, string | undefined>>;
  /** Paths at a commit, sorted, at most `limit`. `total` counts all of them. */
  listFiles(
    projectId: string,
    rev: string,
    options?: { prefix?: string; limit?: number },
  ): Promise<{ paths: string[]; total: number }>;
  /** Paths of the submodules at a commit: entries that name a commit of another repository. */
  submodules(projectId: string, rev: string): Promise<string[]>;
  /** `renames: false`: a renamed file is a deleted and a created one. */
  changedFiles(projectId: string, from: string, to: string, options?: { renames?: boolean }): Promise<ChangedFile[]>;
  /** Unified diff of whole files, of at most `maxBytes` bytes. `truncated` is true when files are left out. */
  diff(
    projectId: string,
    from: string,
    to: string,
    options?: DiffOptions,
  ): Promise<{ patch: string; truncated: boolean }>;
  /**
   * The lines of a file at `to` that the commits after `from` have written, in order. A file that does not exist, or is
   * not text, has none.
   */
  blame(projectId: string, from: string, to: string, path: string): Promise<BlamedLine[]>;
  /** The newest commits up to a revision, newest first, without merges, each with the paths that it changed. */
  recentChanges(projectId: string, rev: string, limit: number): Promise<{ subject: string; paths: string[] }[]>;
  /**
   * How often each word (lower case) occurs in each text file of a revision: whole words, in any case. A search that
   * takes longer than 20 s gives nothing.
   */
  occurrences(
    projectId: string,
    rev: string,
    words: string[],
  ): Promise<{ word: string; path: string; count: number }[]>;
  /**
   * The map of a revision for work that a text describes. At 50,000 files its ranking takes about a second, so it is
   * made where git runs, and not in the process that answers requests.
   */
  map(projectId: string, rev: string, text: string): Promise<RepositoryMap>;
  /** Commits that `to` has and `from` has not, oldest first. */
  log(projectId: string, from: string, to: string, limit?: number): Promise<CommitInfo[]>;
  /** One commit with what it changed against its first parent; undefined when there is none. */
  commit(projectId: string, rev: string): Promise<CommitDetails | undefined>;
  /** The newest `limit` commits that `to` has and `from` has not, oldest first, each with what it changed. */
  commits(projectId: string, from: string, to: string, limit: number): Promise<CommitDetails[]>;

  /**
   * Pushes a commit to a branch of the source. Safe to repeat.
   * @throws RepositoryError('push_refused') when the branch there has moved on.
   */
  push(projectId: string, source: RepositorySource, branch: string, sha: string, expected?: string): Promise<void>;
  /** Commit of a branch, read at the source itself; undefined when the branch does not exist. */
  remoteBranch(source: RepositorySource, branch: string): Promise<string | undefined>;
  /**
   * Moves the source's branch from `expected` to `sha`. If a working tree has the branch checked out, it must be clean
   * and its files are updated too. A branch that is at `sha` already is not an error.
   * @throws RepositoryError: dirty, moved, not_fast_forward, locked.
   */
  advance(projectId: string, source: RepositorySource, branch: string, sha: string, expected: string): Promise<void>;
  /** Deletes a branch at the source. A missing branch is not an error. */
  deleteRemoteBranch(source: RepositorySource, branch: string): Promise<void>;
}

/** The place of a repository: exactly one of path (absolute, on this machine) and url is set. */
export interface RepositorySource {
  path?: string | null;
  /** Without user name, password and token: these are a credential. */
  url?: string | null;
  /** The organization that the repository is read for: it decides which folders and which credentials are allowed. */
  organization_id?: string;
  /** The stored credential with which git signs in at the URL. */
  credential_id?: string | null;
  /** The same before it is stored. */
  sign_in?: SignIn;
  /** What git may reach for it, and how it signs in. Set by the services; undefined: everything, as the machine does. */
  access?: RepositoryAccess;
}

/** Plain data: it travels to the process that runs git. */
export interface RepositoryAccess {
  /** Folders in which a repository must be; undefined: anywhere. */
  roots?: string[];
  /** Git folders of other organizations: no part of a repository may be in one of them. */
  foreign?: string[];
  /** Git signs in with this at the URL's host. */
  credential?: SignIn;
  /** Git may sign in as this machine: by its netrc and its ssh agent. */
  machine: boolean;
  /** The checked addresses of the URL's host, to which alone git connects; undefined: as git finds them. */
  addresses?: string[];
  /** The host was checked, so git follows no redirect to another one. */
  checked?: boolean;
}

/** Signs in at an http(s) URL. A token alone is the user name. */
export interface SignIn {
  username: string;
  password: string;
}

/** A project's repository, with the organization and the credential that it belongs to. */
export const repositorySource = (project: {
  organization_id: string;
  repository_path: string | null;
  repository_url: string | null;
  credential_id: string | null;
}): RepositorySource => ({
  path: project.repository_path,
  url: project.repository_url,
  organization_id: project.organization_id,
  credential_id: project.credential_id,
});

export interface RepositoryMap {
  text: string;
  /** Paths in the map. */
  files: string[];
}

export interface RepositoryFacts {
  default_branch: string;
  head_sha: string;
  bare: boolean;
  /** Tracked files have uncommitted changes. Always false for a bare or remote repository. */
  dirty: boolean;
  branches: string[];
}

export interface MergeTree {
  tree: string;
  conflicts: { path: string; kind: string }[];
  /** Git's CONFLICT lines, which the conflict score counts. */
  messages: string[];
}

export interface ChangedFile {
  path: string;
  change_type: 'created' | 'modified' | 'deleted' | 'renamed';
  lines_added: number;
  lines_removed: number;
  binary: boolean;
}

export interface DiffOptions {
  maxBytes?: number;
  paths?: string[];
  /** Leaves out changes of white space alone. */
  ignoreWhitespace?: boolean;
}

/** A line with the commit that wrote it. */
export interface BlamedLine {
  line: number;
  sha: string;
  /** Where the line was in that commit. */
  original: { path: string; line: number };
}

export interface CommitInfo {
  sha: string;
  subject: string;
  body: string;
  author: string;
  at: string;
}

/** A commit with the size of what it changed against its first parent; the first commit of all changes all its files. */
export interface CommitDetails extends CommitInfo {
  parents: string[];
  /** The first parent, or the tree without files. */
  compared_with: string;
  files_changed: number;
  insertions: number;
  deletions: number;
}

export type RepositoryErrorCode =
  | 'not_a_repository'
  | 'empty'
  | 'no_branch'
  | 'sha256'
  | 'missing_objects'
  | 'bad_names'
  | 'unreachable'
  | 'outside_roots'
  | 'branch_missing'
  | 'dirty'
  | 'moved'
  | 'not_fast_forward'
  | 'unrelated'
  | 'push_refused'
  | 'bad_ref'
  | 'locked'
  /** A server refuses the credentials of the project. */
  | 'no_access'
  /** A rule of the code host forbids it. */
  | 'refused'
  | 'damaged'
  | 'git_failed';

/** Its message names the problem and the remedy, without the platform's own paths. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';

  constructor(
    readonly code: RepositoryErrorCode,
    message: string,
  ) {
    super(message);
  }
}
