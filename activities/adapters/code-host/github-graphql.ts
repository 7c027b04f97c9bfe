import { GraphqlResponseError } from '@octokit/graphql';
import type { GithubRepository } from './github-remarks.ts';

/* What GitHub's REST interface cannot do: drafts, merges that GitHub does later, and merge queues. */

/** The changes of a pull request. All but `DequeuePullRequest` call its id pullRequestId. */
type Change =
  | 'markPullRequestReadyForReview'
  | 'convertPullRequestToDraft'
  | 'enablePullRequestAutoMerge'
  | 'disablePullRequestAutoMerge'
  | 'enqueuePullRequest'
  | 'dequeuePullRequest';

const inputOf = (change: Change) => `${change[0]?.toUpperCase()}${change.slice(1)}Input!`;

/** Changes a pull request. It is looked up before, since GitHub may do it and lose the answer. */
export async function changePull(
  { client }: GithubRepository,
  change: Change,
  { id, ...input }: { id: string; mergeMethod?: Method; expectedHeadOid?: string },
): Promise<void> {
  const named = change === 'dequeuePullRequest' ? { id } : { pullRequestId: id };
  await client.graphql(`mutation($input: ${inputOf(change)}) { ${change}(input: $input) { clientMutationId } }`, {
    input: { ...named, ...input },
  });
}

/** GitHub's reason where it refuses a change; undefined for another error. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof GraphqlResponseError)) return undefined;
  const all = error.errors ?? [];
  // A limit passes by itself, and a missing right has its own message.
  if (all.some(({ type }) => type === 'RATE_LIMITED' || type === 'NOT_FOUND')) return undefined;
  return all
    .map(({ message }) => message)
    .join('; ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
}

export type Method = 'MERGE' | 'SQUASH' | 'REBASE';

/** What holds a merge at GitHub. */
export interface MergeView {
  mergeCommitAllowed: boolean;
  squashMergeAllowed: boolean;
  rebaseMergeAllowed: boolean;
  autoMergeAllowed: boolean;
  pullRequest: {
    id: string;
    state: 'OPEN' | 'CLOSED' | 'MERGED';
    headRefOid: string;
    isMergeQueueEnabled: boolean;
    autoMergeRequest: { mergeMethod: Method } | null;
    mergeQueueEntry: { position: number } | null;
    latestOpinionatedReviews: { nodes: ({ state: string } | null)[] } | null;
    baseRef: {
      refUpdateRule: {
        requiredApprovingReviewCount: number | null;
        requiredStatusCheckContexts: (string | null)[] | null;
      } | null;
      rules: { nodes: ({ parameters: RuleParameters | null } | null)[] } | null;
    } | null;
    commits: {
      nodes: ({ commit: { statusCheckRollup: { contexts: { nodes: (Context | null)[] } } | null } } | null)[];
    };
  };
}

interface RuleParameters {
  requiredApprovingReviewCount?: number;
  requiredStatusChecks?: { context: string }[];
}

type Context = { name: string; conclusion: string | null } | { context: string; state: string };

const viewQuery = `query($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed autoMergeAllowed
    pullRequest(number: $number) {
      id state headRefOid isMergeQueueEnabled
      autoMergeRequest { mergeMethod }
      mergeQueueEntry { position }
      latestOpinionatedReviews(first: 100, writersOnly: true) { nodes { state } }
      baseRef {
        refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts }
        rules(first: 50) {
          nodes {
            parameters {
              ... on PullRequestParameters { requiredApprovingReviewCount }
              ... on RequiredStatusChecksParameters { requiredStatusChecks { context } }
            }
          }
        }
      }
      commits(last: 1) {
        nodes {
          commit {
            statusCheckRollup {
              contexts(first: 100) {
                nodes { ... on CheckRun { name conclusion } ... on StatusContext { context state } }
              }
            }
          }
        }
      }
    }
  }
}`;

export async function mergeView({ client, owner, repo }: GithubRepository, number: number): Promise<MergeView> {
  const { repository } = await client.graphql<{ repository: MergeView }>(viewQuery, { owner, repo, number });
  return repository;
}

const passed = ['SUCCESS', 'NEUTRAL', 'SKIPPED'];

/** Reviews and checks that the rules of the base still ask for. */
export function missingOf({ pullRequest: pull }: MergeView): { reviews: number; pending: string[]; failed: string[] } {
  const parameters = (pull.baseRef?.rules?.nodes ?? []).flatMap((rule) => rule?.parameters ?? []);
  const rule = pull.baseRef?.refUpdateRule;
  const wanted = Math.max(
    rule?.requiredApprovingReviewCount ?? 0,
    ...parameters.map((one) => one.requiredApprovingReviewCount ?? 0),
  );
  const approvals = (pull.latestOpinionatedReviews?.nodes ?? []).filter((one) => one?.state === 'APPROVED').length;
  const required = new Set([
    ...(rule?.requiredStatusCheckContexts ?? []).flatMap((name) => name ?? []),
    ...parameters.flatMap((one) => (one.requiredStatusChecks ?? []).map(({ context }) => context)),
  ]);
  const contexts = pull.commits.nodes.flatMap((one) => one?.commit.statusCheckRollup?.contexts.nodes ?? []);
  const results = new Map(
    contexts.flatMap((one) => {
      if (!one) return [];
      return 'name' in one ? [[one.name, one.conclusion] as const] : [[one.context, one.state] as const];
    }),
  );
  const resultOf = (name: string) => results.get(name) ?? 'PENDING';
  const isPending = (name: string) => ['PENDING', 'EXPECTED'].includes(resultOf(name));
  const open = [...required].filter((name) => !passed.includes(resultOf(name)));
  return {
    reviews: Math.max(0, wanted - approvals),
    pending: open.filter(isPending),
    failed: open.filter((name) => !isPending(name)),
  };
}
