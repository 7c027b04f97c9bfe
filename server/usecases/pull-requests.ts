import { closePullUpdate, mergeUpdate, requestPullChangesUpdate } from '#workflows/contracts/pull-request.ts';
import type * as contracts from '../contracts/pull-requests.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { lastReview, pullBase } from './reviews.ts';
import { shownChange } from './shown-change.ts';
import { toPageView, toPullRequestView } from './views.ts';

export async function listPullRequests(
  { services, organization_id }: Call,
  query: Query<typeof contracts.listPullRequests>,
) {
  const { project_id, spec_id, ticket_id, state } = query;
  return toPageView(
    await services.store.pullRequests.list(organization_id, { project_id, spec_id, ticket_id, state }, query),
    toPullRequestView,
  );
}

export const getPullRequest = async ({ services, organization_id }: Call, id: string) =>
  toPullRequestView(await services.store.pullRequests.get(organization_id, id));

export async function pullRequestDiff(call: Call, id: string, query: Query<typeof contracts.pullRequestDiff>) {
  const { services, organization_id } = call;
  const { store, repositories } = services;
  const pull = await store.pullRequests.get(organization_id, id);
  const base = await pullBase(services, pull);
  const seen = query.since === 'review' ? lastReview(pull, call.actor)?.head_sha : undefined;
  const sinceReview = (seen && (await repositories.resolve(pull.project_id, seen))) ?? null;
  const from = sinceReview ?? base;
  const [commits, change] = await Promise.all([
    repositories.log(pull.project_id, from, pull.head_sha, 200),
    shownChange(services, pull.project_id, from, pull.head_sha, { ignoreWhitespace: query.whitespace === 'ignore' }),
  ]);
  return {
    from,
    to: pull.head_sha,
    since_review: sinceReview,
    ...change,
    commits: commits.map(({ sha, subject, author, at }) => ({ sha, subject, author, at })),
  };
}

const start = (call: Call, pull: { id: string; project_id: string }) => ({
  pull_request_id: pull.id,
  organization_id: call.organization_id,
  project_id: pull.project_id,
});

/** A workflow does the merge, so a repeated or interrupted request still leads to exactly one merge. */
export async function mergePullRequest(call: Call, id: string, input: Body<typeof contracts.mergePullRequest>) {
  const { services, organization_id, actor } = call;
  const pull = await services.store.pullRequests.get(organization_id, id);
  await services.workflows.updateWithStart(start(call, pull), mergeUpdate, {
    ...input,
    actor: actor.email,
  });
  return toPullRequestView(await services.store.pullRequests.get(organization_id, id));
}

type Comments = string | (string | { path?: string; line?: number; body: string })[];

function asComments(comments: Comments, head_sha: string) {
  const list = typeof comments === 'string' ? [comments] : comments;
  return list.map((comment) => ({ ...(typeof comment === 'string' ? { body: comment } : comment), head_sha }));
}

export async function requestPullRequestChanges(
  call: Call,
  id: string,
  { comments, head_sha }: Body<typeof contracts.requestPullRequestChanges>,
) {
  const { services, organization_id, actor } = call;
  const pull = await services.store.pullRequests.get(organization_id, id);
  const list = asComments(comments, head_sha ?? pull.head_sha);
  return services.workflows.updateWithStart(start(call, pull), requestPullChangesUpdate, {
    comments: list,
    actor: actor.email,
    request: call.newId('changes'),
  });
}

/** A workflow closes it, so that a close and a merge at the same time happen one after the other. */
export async function closePullRequest(call: Call, id: string) {
  const { services, organization_id, actor } = call;
  const pull = await services.store.pullRequests.get(organization_id, id);
  return services.workflows.updateWithStart(start(call, pull), closePullUpdate, { actor: actor.email });
}
