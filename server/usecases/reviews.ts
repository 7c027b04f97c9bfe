import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Services } from '#activities/ports/services.ts';
import type * as contracts from '../contracts/reviews.ts';
import type { Body } from '../contracts/contract.ts';
import type { Actor, Call } from '../http/context.ts';
import { toPullRequestView } from './views.ts';

/** The commit on which the work of a pull request begins. */
export const pullBase = async ({ repositories }: Pick<Services, 'repositories'>, pull: PullRequest): Promise<string> =>
  (await repositories.mergeBase(pull.project_id, pull.base_sha, pull.head_sha)) ?? pull.base_sha;

/** The last verdict that somebody gave here. */
export function lastReview({ comments, head_sha: head }: Pick<PullRequest, 'comments' | 'head_sha'>, actor: Actor) {
  const last = comments.findLast((one) => one.author === actor.email && one.verdict && one.head_sha);
  return last?.verdict && last.head_sha
    ? { verdict: last.verdict, head_sha: last.head_sha, at: last.at ?? null, current: last.head_sha === head }
    : null;
}

/** The files that somebody has read and that are now as they were then. */
async function viewedFiles({ services, actor }: Call, pull: PullRequest): Promise<string[]> {
  const marks = await services.store.viewedFiles.of(pull.id, actor.user_id);
  const heads = [...new Set(marks.map(({ head_sha }) => head_sha))];
  const changed = new Map(
    await Promise.all(
      heads.map(async (head) => {
        if (head === pull.head_sha) return [head, new Set<string>()] as const;
        // A commit that is gone says nothing about what was read.
        if (!(await services.repositories.resolve(pull.project_id, head))) return [head, undefined] as const;
        const files = await services.repositories.changedFiles(pull.project_id, head, pull.head_sha, {
          renames: false,
        });
        return [head, new Set(files.map(({ path }) => path))] as const;
      }),
    ),
  );
  return marks.flatMap(({ path, head_sha }) => (changed.get(head_sha)?.has(path) === false ? [path] : [])).sort();
}

export async function getReview(call: Call, id: string) {
  const pull = await call.services.store.pullRequests.get(call.organization_id, id);
  return { last: lastReview(pull, call.actor), viewed: await viewedFiles(call, pull) };
}

export async function markViewed(
  call: Call,
  id: string,
  { path, viewed, head_sha }: Body<typeof contracts.markViewed>,
) {
  const { services, organization_id, actor } = call;
  const pull = await services.store.pullRequests.get(organization_id, id);
  await services.store.viewedFiles.mark(
    { pull_request_id: pull.id, user_id: actor.user_id, organization_id, path },
    viewed ? (head_sha ?? pull.head_sha) : undefined,
  );
  return { viewed: await viewedFiles(call, pull) };
}

export async function approvePullRequest(
  { services, organization_id, actor }: Call,
  id: string,
  { head_sha, comment }: Body<typeof contracts.approvePullRequest>,
) {
  const approved = await services.store.pullRequests.approve(organization_id, id, {
    by: actor.email,
    head_sha,
    body: comment ?? '',
  });
  return toPullRequestView(approved);
}
