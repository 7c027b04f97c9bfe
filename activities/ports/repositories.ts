/**
 * The platform's own copy of each project's repository: a bare mirror that every branch, checkpoint and
 * merge lives in. Nothing here checks files out, and nothing here runs a hook, filter, merge driver or
 * file-system monitor: what agents made is data.
 */
export interface RepositoriesPort {
  /** Path of the mirror's folder; sandboxes on this machine read its objects. */
  gitDir(projectId: string): string;
  /**
   * What lies at a repository's address, without keeping anything.
   * @throws RepositoryError: not_a_repository, empty, unreachable, outside_roots, branch_missing.
   */
  inspect(source: RepositorySource, branch?: string): Promise<RepositoryFacts>;
  /** Fetches the source's branches into the mirror (made when missing) and returns the default branch's commit. */
  sync(projectId: string, source: RepositorySource, branch: string): Promise<{ sha: string }>;

  /** Commit a ref or abbreviated id names, or undefined. */
  resolve(projectId: string, ref: string): Promise<string | undefined>;
  treeOf(projectId: string, sha: string): Promise<string>;
  /** Names of local branches (not hidden refs) that begin with the prefix. */
  branches(projectId: string, prefix?: string): Promise<string[]>;
  /**
   * Makes or moves a ref, atomically and only from `expected` ('' = must not exist, undefined = whatever it was).
   * @returns false when it stood elsewhere.
   */
  updateRef(projectId: string, ref: string, sha: string, expected?: string): Promise<boolean>;
  deleteRef(projectId: string, ref: string): Promise<void>;
  isAncestor(projectId: string, ancestor: string, descendant: string): Promise<boolean>;
  mergeBase(projectId: string, a: string, b: string): Promise<string | undefined>;
  aheadBehind(projectId: string, base: string, head: string): Promise<{ ahead: number; behind: number }>;

  /** Merges two commits in memory. `tree` holds conflict markers where `conflicts` is not empty. */
  mergeTree(projectId: string, ours: string, theirs: string): Promise<MergeTree>;
  /** @param options.date makes repeating it make the same commit; without one it is now. */
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
  /** Content of a file at a commit or tree, or undefined. */
  readFile(projectId: string, rev: string, path: string): Promise<Buffer | undefined>;
  /** Texts of those files that there are, by path. */
  readFiles(projectId: string, rev: string, paths: string[]): Promise<Map<string, string>>;
  /** Paths at a commit, sorted; at most `limit`. */
  listFiles(
    projectId: string,
    rev: string,
    options?: { prefix?: string; limit?: number },
  ): Promise<{ paths: string[]; total: number }>;
  changedFiles(projectId: string, from: string, to: string): Promise<ChangedFile[]>;
  /** Unified diff; cut at `maxBytes` on a file boundary, saying so in `truncated`. */
  diff(
    projectId: string,
    from: string,
    to: string,
    options?: { maxBytes?: number; paths?: string[] },
  ): Promise<{ patch: string; truncated: boolean }>;
  /** Commits in to but not in from, oldest first. */
  log(projectId: string, from: string, to: string, limit?: number): Promise<CommitInfo[]>;

  /**
   * Pushes a commit to a branch of the source. Safe to repeat.
   * @throws RepositoryError('push_refused') when the branch there has moved on.
   */
  push(projectId: string, source: RepositorySource, branch: string, sha: string, expected?: string): Promise<void>;
  /** Commit of a branch at the source, asked there; undefined when it is missing. */
  remoteBranch(source: RepositorySource, branch: string): Promise<string | undefined>;
  /**
   * Moves the source's branch from `expected` to `sha`: a bare repository's ref, or a clean working tree
   * that has it checked out. Already there is fine.
   * @throws RepositoryError: dirty, moved, not_fast_forward.
   */
  advance(projectId: string, source: RepositorySource, branch: string, sha: string, expected: string): Promise<void>;
  /** Deletes a branch at the source; a missing one is fine. */
  deleteRemoteBranch(source: RepositorySource, branch: string): Promise<void>;
}

/** Exactly one of the two. */
export interface RepositorySource {
  path?: string | null;
  url?: string | null;
}

export interface RepositoryFacts {
  default_branch: string;
  head_sha: string;
  bare: boolean;
  /** Tracked files changed and not committed; always false for a bare or remote one. */
  dirty: boolean;
  branches: string[];
}

export interface MergeTree {
  tree: string;
  conflicts: { path: string; kind: string }[];
  /** Git's CONFLICT lines: what the score counts. */
  messages: string[];
}

export interface ChangedFile {
  path: string;
  change_type: 'created' | 'modified' | 'deleted' | 'renamed';
  lines_added: number;
  lines_removed: number;
  binary: boolean;
}

export interface CommitInfo {
  sha: string;
  subject: string;
  body: string;
  author: string;
  at: string;
}

export type RepositoryErrorCode =
  | 'not_a_repository'
  | 'empty'
  | 'unreachable'
  | 'outside_roots'
  | 'branch_missing'
  | 'dirty'
  | 'moved'
  | 'not_fast_forward'
  | 'push_refused'
  | 'bad_ref'
  | 'git_failed';

/** The message says what is wrong and what to do, without paths of the platform's own. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';

  constructor(
    readonly code: RepositoryErrorCode,
    message: string,
  ) {
    super(message);
  }
}
