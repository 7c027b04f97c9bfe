import type { RepositorySource } from './repositories.ts';

/** Pushes branches and manages pull requests. Before each effect it is looked up by its business key. */
export interface CodeHostPort {
  readonly provider: string;
  /** Pushes the mirror's commit to the branch. A repeated push of the same commit changes nothing. */
  pushBranch(project: HostProject, branch: string, sha: string): Promise<void>;
  /** The newest pull request of a head branch, in any state; undefined when there is none. */
  findPullRequest(project: HostProject, branch: string): Promise<HostPullRequest | undefined>;
  /** Opens a pull request, or returns the open one of the same business key. */
  openPullRequest(project: HostProject, request: NewPullRequest): Promise<HostPullRequest>;
  /**
   * Merges and returns the base's new commit. For a pull request that is already merged, it returns that commit.
   * @throws RepositoryError: dirty, moved, not_fast_forward (the base is untouched then).
   */
  mergePullRequest(
    project: HostProject,
    request: HostPullRequest & NewPullRequest,
    method: 'merge' | 'squash',
  ): Promise<{ sha: string }>;
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
  /** The id that the code host gave it. */
  provider_id: string;
  number: number;
  url: string;
  state: 'open' | 'merged' | 'closed';
}
