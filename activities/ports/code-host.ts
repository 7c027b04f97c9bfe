import type { RepositorySource } from './repositories.ts';

/**
 * Pushes branches and manages pull requests. Before each effect it is looked up, so a repeated call changes nothing,
 * also one whose first answer was lost.
 *
 * All methods throw AppError `unavailable` and `rate_limited` (with the seconds to wait) for what passes by itself, and
 * RepositoryError `no_access` where the code host refuses the project's credentials.
 */
export interface CodeHostPort {
  /** Pushes the mirror's commit to the branch. A repeated push of the same commit changes nothing. */
  pushBranch(project: HostProject, branch: string, sha: string): Promise<void>;
  /** The newest pull request of a head branch, in any state; undefined when there is none. */
  findPullRequest(project: HostProject, branch: string): Promise<HostPullRequest | undefined>;
  /**
   * What an event tells, which the code host has sent; undefined for an event of no repository.
   * @throws AppError: unauthenticated for a signature that does not fit, invalid_rule with the field for a body that is not
   * as the code host sends it, and where no events are taken.
   */
  readEvent(event: SignedEvent): Promise<HostEvent | undefined>;
  /** What has become of a pull request at the code host, where people act on it too. */
  readPullRequest(project: HostProject, request: HostPullRequest): Promise<HostPullRequest & PullRequestEnd>;
  /**
   * Opens a pull request, or returns the open one of the same business key.
   * @throws RepositoryError: empty (the branch has nothing that the base lacks), refused.
   */
  openPullRequest(project: HostProject, request: NewPullRequest): Promise<HostPullRequest>;
  /** Brings title and body of an open pull request up to date. */
  updatePullRequest(project: HostProject, request: HostPullRequest & NewPullRequest): Promise<void>;
  /** The checks that run at the code host for the head of a pull request. */
  readChecks(project: HostProject, request: HostPullRequest & NewPullRequest): Promise<HostCheck[]>;
  /** What people said about a pull request, each review with its comments; the newest 300 of each kind at most. */
  readRemarks(project: HostProject, request: HostPullRequest): Promise<HostReview[]>;
  /** Answers a remark. An answer of the same key is looked up first. */
  answerRemark(
    project: HostProject,
    request: HostPullRequest,
    answer: { remark_id: string; key: string; body: string },
  ): Promise<void>;
  /** An issue with what people said about it; undefined where there is none, or no more. @param label asks for work on it. */
  readIssue(project: HostProject, number: number, label: string): Promise<HostIssue | undefined>;
  /** Answers in the conversation of an issue or a pull request. An answer of the same key is looked up first. */
  answerIssue(project: HostProject, number: number, answer: { key: string; body: string }): Promise<void>;
  /**
   * Makes a pull request a draft, or ready for review. One that is so already stays so.
   * @returns whether it was changed, or why the code host has no draft of it.
   */
  setDraft(
    project: HostProject,
    request: HostPullRequest,
    draft: boolean,
  ): Promise<{ changed: boolean } | { refused: string }>;
  /** Closes a pull request without a merge. One that is closed already stays so; its branch stays. */
  closePullRequest(project: HostProject, request: HostPullRequest): Promise<void>;
  /**
   * Merges and returns the base's new commit. For a pull request that is already merged, it returns that commit. Where the
   * base has a merge queue, or the rules of the code host hold it and `when_ready` is set, the code host merges later.
   * @throws RepositoryError: dirty, moved, unrelated, not_fast_forward, refused (a rule of the code host: required
   * reviews, checks, or a method that it does not allow). The base is untouched then.
   */
  mergePullRequest(
    project: HostProject,
    request: HostPullRequest & NewPullRequest,
    how: MergeWay,
  ): Promise<{ sha: string } | MergeWait>;
  /** How a merge is that the code host carries out later; `ended`: it does not any more. */
  readMergeWait(
    project: HostProject,
    request: HostPullRequest & NewPullRequest,
  ): Promise<MergeWait | { ended: string }>;
  /** Takes back a merge that the code host would carry out later. */
  endMergeWait(project: HostProject, request: HostPullRequest): Promise<void>;
}

export interface MergeWay {
  method: 'merge' | 'squash';
  /** The code host may use another method where it does not allow this one. */
  or_another: boolean;
  /** Whether the code host may merge later, by itself, once its rules allow it. */
  when_ready: boolean;
}

/** A merge that the code host carries out by itself. */
export interface MergeWait {
  /** A sentence for people. */
  waits_for: string;
}

export interface HostProject extends RepositorySource {
  id: string;
  organization_id: string;
  default_branch: string;
}

export interface NewPullRequest {
  /** `spec:{id}` or `ticket:{id}`. */
  business_key: string;
  /** The spec that the work belongs to, or whose ended pull request it follows. */
  spec_id?: string | null;
  title: string;
  body: string;
  branch: string;
  base: string;
  /** Commit of the base at which the branch starts. */
  base_sha?: string;
  head_sha: string;
}

export interface HostPullRequest {
  /** The code host that has it: local or github. */
  provider: string;
  /** The id that the code host gave it. */
  provider_id: string;
  number: number;
  url: string;
  state: 'open' | 'merged' | 'closed';
}

/** What else a code host knows of a pull request: null while it is open, and where the code host does not know. */
interface PullRequestEnd {
  merge_sha: string | null;
  /** Whether people are asked not to review it yet. Absent where the code host has no drafts. */
  draft?: boolean;
  /** The account at the code host that merged it. */
  merged_by: string | null;
}

/** A check that runs at the code host, such as a job of its CI. */
export interface HostCheck {
  name: string;
  state: 'passed' | 'failed' | 'pending';
  /** Its page. */
  url: string | null;
  /** Of a failed one: its summary, and the end of its log once all checks have ended. Untrusted. */
  output: string;
}

/** What one person said at once: a review, or a comment. */
export interface HostReview {
  id: string;
  /** Whether it asks for changes, approves, or says something. */
  verdict: 'changes_requested' | 'approved' | 'commented';
  author: HostAccount;
  remarks: HostRemark[];
}

interface HostRemark {
  id: string;
  body: string;
  path?: string;
  line?: number;
  /** ISO time. */
  at: string;
  /** On lines of the change, and not a reply to another one. */
  on_lines: boolean;
}

/** An account at the code host, by its lasting id. */
export interface HostAccount {
  id: string;
  login: string;
}

/** An issue at the code host. All its words are untrusted. */
export interface HostIssue {
  number: number;
  title: string;
  body: string;
  url: string;
  open: boolean;
  author: HostAccount;
  /** The last change of its text, and that of its title, where there was one. `by`: a login; null: the account is gone. */
  edits: { at: string; by: string | null }[];
  /** Who last gave it the label that asks for work, while it has it. `id` is the same each time it is read. */
  labelled?: { id: string; by: HostAccount; at: string };
  comments: { id: string; author: HostAccount; body: string; at: string }[];
  /** Keys of the answers that the platform has given. */
  answered: string[];
}

/** An event as it came: its exact bytes, and the headers that name and sign it. */
export interface SignedEvent {
  bytes: Buffer;
  name: string;
  signature: string;
  /** The project that the address names to which the event was sent. */
  project_id?: string;
}

/** Something has happened in a repository. */
export interface HostEvent {
  provider: string;
  /** Such as `pull_request.closed`. */
  name: string;
  /** The pull request that has changed, if one has. */
  number?: number;
  /** The issue that has changed, or that somebody has commented on. */
  issue?: number;
  /** The commit whose checks have changed. */
  checked_sha?: string;
  /** The branch that was pushed to. */
  branch?: string;
  /** owner/name of the repository in lower case, at the time of the event; '' for an event of the App. */
  within: string;
  /** The code host's lasting id of the repository. */
  repository_id?: string;
  /** The repository itself may be another now, or what the App may do there: how it is must be read. */
  of_repository: boolean;
  /** The event is of what an installation of the App serves, and of the repositories that it has from now on. */
  installation_id?: string;
  repository_ids?: string[];
  /** Whether the secret of a project has signed the event; for a project without its own, that of the operator. */
  isSignedFor(projectId: string): boolean;
  /** Whether an address is that of the repository. */
  isAt(address: string | null): boolean;
}

/** The secret with which a code host signs the events of one project. */
export interface WebhookSecret {
  project_id: string;
  secret: string;
}

/** Whose secrets may have signed an event. `full_name` is in lower case. */
export interface EventOf {
  project_id?: string | undefined;
  repository_id?: string | undefined;
  full_name: string;
}
