import type { RepositorySource } from './repositories.ts';

/** Where branches are pushed and pull requests live. Every effect is looked up by its business key before it is made. */
export interface CodeHostPort {
  readonly provider: string;
  /** Pushes the mirror's commit to the branch; a repeated push of the same commit is a no-op. */
  pushBranch(project: HostProject, branch: string, sha: string): Promise<void>;
  /** The pull request of that head branch, whatever its state, or undefined. */
  findPullRequest(project: HostProject, branch: string): Promise<HostPullRequest | undefined>;
  openPullRequest(project: HostProject, request: NewPullRequest): Promise<HostPullRequest>;
  /**
   * Merges and returns the commit that the base is at then. A request that is merged already returns its commit.
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
  title: string;
  body: string;
  branch: string;
  base: string;
  /** Where the branch left its base. */
  base_sha?: string;
  head_sha: string;
}

export interface HostPullRequest {
  /** The host's own id of it. */
  provider_id: string;
  number: number;
  url: string;
  state: 'open' | 'merged' | 'closed';
}
