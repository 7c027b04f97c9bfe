import { schema as described } from '@octokit/graphql-schema';
import { buildSchema, graphql, GraphQLError, type GraphQLSchema } from 'graphql';
import { approvalsOf, type HostedPulls } from './github-pulls.ts';
import { nodeOf, type Account, type HostedCheck, type HostedPull } from './github-wire.ts';

/** What the rules of a repository ask for before a merge into its default branch. */
export interface Rules {
  reviews?: number;
  checks?: string[];
  queue?: boolean;
  auto_merge?: boolean;
  methods?: ('merge' | 'squash' | 'rebase')[];
  /** false: a private repository of an account without paid drafts. */
  drafts?: boolean;
}

let schema: GraphQLSchema | undefined;

const refuse = (message: string, type = 'UNPROCESSABLE') => {
  throw new GraphQLError(message, { extensions: { type } });
};

type Input = { input: { id?: string; pullRequestId?: string; expectedHeadOid?: string; mergeMethod?: string } };

/** Answers by GitHub's own published schema: a query that does not fit it is refused. */
export async function graphqlAnswer(
  at: HostedPulls,
  body: Record<string, unknown>,
  user: { account: Account; repositories: string[] },
): Promise<object> {
  schema ??= buildSchema(described.idl, { assumeValidSDL: true });
  const pullOf = (id: string | undefined): HostedPull => {
    const pull = at.pulls.find((one) => nodeOf('PR', one.id) === id && user.repositories.includes(one.repository));
    return pull ?? refuse('Could not resolve to a node', 'NOT_FOUND');
  };
  /** An open pull request at the expected head. */
  const changed =
    (change: (pull: HostedPull, rules: Rules) => void) =>
    ({ input }: Input) => {
      const pull = pullOf(input.pullRequestId ?? input.id);
      at.refresh(pull.repository, pull);
      if (pull.state !== 'open') refuse('Pull request is closed');
      if (input.expectedHeadOid && input.expectedHeadOid !== pull.head_sha) refuse('Head branch was modified');
      change(pull, at.rulesOf(pull.repository));
      at.settle();
      return { clientMutationId: null };
    };
  const rootValue = {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const fullName = `${owner}/${name}`;
      if (!user.repositories.includes(fullName)) return null;
      return viewOf(at, fullName);
    },
    nodes: ({ ids }: { ids: string[] }) =>
      ids.map((id) => {
        const { kind, edited } =
          at.remarks.all.find((one) => nodeOf('R', one.id) === id && user.repositories.includes(one.repository)) ??
          refuse('Could not resolve to a node', 'NOT_FOUND');
        return {
          __typename: { review: 'PullRequestReview', line: 'PullRequestReviewComment', comment: 'IssueComment' }[kind],
          id,
          lastEditedAt: edited?.at ?? null,
          editor: edited ? { __typename: 'User', login: edited.by.login, databaseId: edited.by.id } : null,
        };
      }),
    convertPullRequestToDraft: changed((pull, { drafts = true }) => {
      if (!drafts) refuse('Draft pull requests are not supported in this repository.');
      pull.draft = true;
      pull.drafts.push(true);
      pull.auto_merge = null;
    }),
    markPullRequestReadyForReview: changed((pull) => {
      pull.draft = false;
      pull.drafts.push(false);
    }),
    enablePullRequestAutoMerge: ({ input }: Input) =>
      changed((pull, { auto_merge: allowed }) => {
        if (!allowed) refuse('Auto merge is not allowed for this repository');
        if (pull.draft) refuse('Pull request is in draft state');
        if (at.mayMerge(pull)) refuse('Pull request Pull request is in clean status');
        pull.auto_merge = { method: input.mergeMethod ?? 'MERGE', by: user.account };
      })({ input }),
    disablePullRequestAutoMerge: changed((pull) => {
      pull.auto_merge = null;
    }),
    enqueuePullRequest: changed((pull, { queue }) => {
      if (!queue) refuse('The base branch has no merge queue');
      if (!at.mayMerge(pull)) refuse('Pull request is not mergeable: required reviews and checks are missing');
      at.queue.push(pull);
    }),
    dequeuePullRequest: changed((pull) => {
      at.queue.splice(at.queue.indexOf(pull), 1);
    }),
  };
  const answer = await graphql({
    schema,
    source: String(body.query),
    rootValue,
    variableValues: body.variables as Record<string, unknown>,
    typeResolver: (value) => (value as { __typename: string }).__typename,
  });
  // GitHub shows the kind of an error beside its message.
  const errors = answer.errors?.map(({ message, extensions, path }) => ({ message, path, type: extensions.type }));
  return JSON.parse(JSON.stringify({ data: answer.data ?? null, ...(errors ? { errors } : {}) })) as object;
}

function viewOf(at: HostedPulls, fullName: string) {
  const rules = at.rulesOf(fullName);
  const { methods = ['merge', 'squash', 'rebase'] } = rules;
  return {
    mergeCommitAllowed: methods.includes('merge'),
    squashMergeAllowed: methods.includes('squash'),
    rebaseMergeAllowed: methods.includes('rebase'),
    autoMergeAllowed: rules.auto_merge ?? false,
    issue: ({ number }: { number: number }) => {
      const issue = at.issues.of(fullName, number);
      if (!issue) return refuse('Could not resolve to an Issue', 'NOT_FOUND');
      const { by, at: time = null } = issue.edited ?? {};
      return {
        lastEditedAt: time,
        editor: by ? { __typename: 'User', login: by.login } : null,
      };
    },
    pullRequest: ({ number }: { number: number }) => {
      const pull = at.pulls.find((one) => one.repository === fullName && one.number === number);
      if (!pull) return refuse('Could not resolve to a PullRequest', 'NOT_FOUND');
      at.refresh(fullName, pull);
      const contexts = at.checksOf(pull).map(contextOf);
      const place = at.queue.indexOf(pull);
      return {
        id: nodeOf('PR', pull.id),
        state: pull.merge_sha ? 'MERGED' : pull.state.toUpperCase(),
        headRefOid: pull.head_sha,
        isMergeQueueEnabled: rules.queue ?? false,
        autoMergeRequest: pull.auto_merge && { mergeMethod: pull.auto_merge.method },
        mergeQueueEntry: place < 0 ? null : { position: place + 1 },
        latestOpinionatedReviews: {
          nodes: Array.from({ length: approvalsOf(at, pull) }, () => ({ state: 'APPROVED' })),
        },
        baseRef: {
          refUpdateRule: {
            requiredApprovingReviewCount: rules.reviews ?? 0,
            requiredStatusCheckContexts: rules.checks ?? [],
          },
          rules: { nodes: [] },
        },
        commits: {
          nodes: [{ commit: { statusCheckRollup: contexts.length ? { contexts: { nodes: contexts } } : null } }],
        },
      };
    },
  };
}

const contextOf = ({ as, name, conclusion }: HostedCheck) =>
  as === 'check'
    ? { __typename: 'CheckRun', name, conclusion: conclusion?.toUpperCase() ?? null }
    : { __typename: 'StatusContext', context: name, state: conclusion?.toUpperCase() ?? 'PENDING' };
