import type { HostPullRequest } from '../../ports/code-host.ts';
import type { GithubRepository } from './github-remarks.ts';

/** Fields of GitHub's answer that are read here; those of a list and of a single pull request have them both. */
export interface Answer {
  id: number;
  node_id: string;
  number: number;
  html_url: string;
  state: string;
  draft?: boolean;
  merged_at: string | null;
  merge_commit_sha: string | null;
  body: string | null;
  head: { sha: string };
  labels: { name?: string }[];
}

export async function readPull({ client, owner, repo }: GithubRepository, number: number) {
  return (await client.rest.pulls.get({ owner, repo, pull_number: number })).data;
}

export function shown(pull: Answer): HostPullRequest {
  return {
    provider: 'github',
    provider_id: String(pull.id),
    number: pull.number,
    url: pull.html_url,
    state: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
  };
}
