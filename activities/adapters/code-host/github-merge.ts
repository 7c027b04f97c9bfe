import { AppError } from '#workflows/domain/errors.ts';
import type { HostPullRequest, MergeWait, MergeWay, NewPullRequest } from '../../ports/code-host.ts';
import { RepositoryError } from '../../ports/repositories.ts';
import { openChecks } from './github-checks.ts';
import { answers, said } from './github-client.ts';
import { changePull, mergeView, missingOf, refusalOf, type MergeView, type Method } from './github-graphql.ts';
import type { GithubRepository } from './github-remarks.ts';
import { readPull, shown } from './github-pull.ts';

type Pull = HostPullRequest & NewPullRequest;

const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const quoted = (names: string[]) => names.map((name) => `"${name}"`).join(', ');

function waitOf(view: MergeView): MergeWait {
  const { mergeQueueEntry: entry } = view.pullRequest;
  if (entry) return { waits_for: `It is number ${entry.position} in GitHub's merge queue.` };
  const { reviews, pending } = missingOf(view);
  const missing = [
    reviews > 0 ? many(reviews, 'review') : '',
    pending.length > 0 ? `${many(pending.length, 'check')} (${quoted(pending)})` : '',
  ].filter(Boolean);
  const what = missing.length > 0 ? missing.join(' and ') : 'what its rules ask for';
  const isOne = reviews + pending.length === 1;
  return { waits_for: `GitHub merges it when ${what} ${missing.length > 0 && !isOne ? 'are' : 'is'} there.` };
}

/** The method that the repository allows; the wanted one first. @throws refused where it may be no other. */
function methodOf(view: MergeView, { method, or_another: orAnother }: MergeWay): Method {
  const allowed: Record<Method, boolean> = {
    MERGE: view.mergeCommitAllowed,
    SQUASH: view.squashMergeAllowed,
    REBASE: view.rebaseMergeAllowed,
  };
  const wanted = method === 'merge' ? 'MERGE' : 'SQUASH';
  const order: Method[] = orAnother ? [wanted, 'SQUASH', 'MERGE', 'REBASE'] : [wanted];
  const found = order.find((one) => allowed[one]);
  if (found) return found;
  const others = Object.entries(allowed).flatMap(([name, is]) => (is ? [name.toLowerCase()] : []));
  throw new RepositoryError(
    'refused',
    `method: the repository at GitHub does not allow ${method}; it allows ${others.join(', ') || 'none'}. Leave the method out, or allow it in the settings of the repository.`,
  );
}

/** Merges at GitHub, or has GitHub merge later. */
export async function mergePull(
  repository: GithubRepository,
  request: Pull,
  way: MergeWay,
): Promise<{ sha: string } | MergeWait> {
  const put = async (method: Method) => {
    const { client, owner, repo } = repository;
    const { data } = await client.rest.pulls.merge({
      ...{ owner, repo, pull_number: request.number, sha: request.head_sha },
      merge_method: method.toLowerCase() as 'merge' | 'squash' | 'rebase',
    });
    return { sha: data.sha };
  };
  try {
    return await put(way.method === 'merge' ? 'MERGE' : 'SQUASH');
  } catch (error) {
    const refused = await explain(error);
    if ('sha' in refused) return refused;
    if (!/not allowed/i.test(refused.says)) return later(refused);
    try {
      return await put(methodOf(refused.view, way));
    } catch (again) {
      if (again instanceof RepositoryError) throw again;
      const other = await explain(again);
      return 'sha' in other ? other : later(other);
    }
  }

  /** What a refusal means. @throws what no rule of the repository is. */
  async function explain(error: unknown): Promise<{ sha: string } | { says: string; state: string; view: MergeView }> {
    if (!answers(error, 405) && !answers(error, 409)) throw error;
    const there = await readPull(repository, request.number);
    // Another call has merged it since it was looked up.
    if (there.merge_commit_sha && shown(there).state === 'merged') return { sha: there.merge_commit_sha };
    const named = `Pull request #${request.number}`;
    if (there.head.sha !== request.head_sha)
      throw new RepositoryError('moved', `${named} has new commits at GitHub. Nothing was merged.`);
    if (/base branch was modified/i.test(said(error)))
      throw new AppError('unavailable', `"${request.base}" has just moved at GitHub.`, {}, 2);
    if (there.mergeable_state === 'dirty')
      throw new RepositoryError(
        'not_fast_forward',
        `"${request.branch}" conflicts with "${request.base}". Nothing was merged.`,
      );
    const { mergeable_state: state } = there;
    const view = await mergeView(repository, request.number).catch(async (problem: unknown) => {
      if (refusalOf(problem) === undefined) throw problem;
      return refuse(said(error), state, '');
    });
    return { says: said(error), state, view };
  }

  async function refuse(says: string, state: string, why: string, mayWait = false): Promise<never> {
    const words = [
      `Pull request #${request.number} was not merged. GitHub says: ${says}.`,
      why && `${why}.`,
      await openChecks(repository, request.head_sha),
      remedyOf(state, mayWait),
    ];
    throw new RepositoryError('refused', words.filter(Boolean).join(' '));
  }

  /** Leaves the merge to GitHub where it has a queue, or where that is wanted. @throws refused elsewhere. */
  async function later({ says, state, view }: { says: string; state: string; view: MergeView }): Promise<MergeWait> {
    const { id, isMergeQueueEnabled: hasQueue, autoMergeRequest, mergeQueueEntry } = view.pullRequest;
    const { failed } = missingOf(view);
    let why = '';
    if (autoMergeRequest || mergeQueueEntry) return waitOf(view);
    const expected = { id, expectedHeadOid: request.head_sha };
    const attempt = async (change: 'enqueuePullRequest' | 'enablePullRequestAutoMerge', method?: Method) => {
      try {
        await changePull(repository, change, { ...expected, ...(method ? { mergeMethod: method } : {}) });
        return true;
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        why = refusal;
        return false;
      }
    };
    const waiting = async () => waitOf(await mergeView(repository, request.number));
    if (hasQueue && (await attempt('enqueuePullRequest'))) return waiting();
    if (way.when_ready && failed.length === 0 && state !== 'draft') {
      // A merge queue has a method of its own.
      const method = hasQueue ? undefined : methodOf(view, way);
      if (!view.autoMergeAllowed && !hasQueue)
        why = 'Its repository does not allow auto-merge: an administrator allows it in the settings there';
      else if (await attempt('enablePullRequestAutoMerge', method)) return waiting();
    }
    return refuse(says, state, why, view.autoMergeAllowed && !way.when_ready);
  }
}

/** How a merge is that GitHub carries out later. */
export async function readWait(repository: GithubRepository, request: Pull): Promise<MergeWait | { ended: string }> {
  const view = await mergeView(repository, request.number);
  const { state, headRefOid: head, autoMergeRequest, mergeQueueEntry } = view.pullRequest;
  if (state === 'MERGED') return { waits_for: 'GitHub has merged it. Its commit is read next.' };
  if (state === 'CLOSED') return { ended: 'It was closed at GitHub.' };
  const { failed } = missingOf(view);
  const fails = `${failed.length === 1 ? 'The check' : 'The checks'} ${quoted(failed)} ${failed.length === 1 ? 'fails' : 'fail'}.`;
  if (failed.length > 0) return { ended: fails };
  if (head !== request.head_sha) return { ended: 'The branch has new commits, which nobody has decided about.' };
  if (autoMergeRequest || mergeQueueEntry) return waitOf(view);
  return { ended: 'GitHub does not merge it by itself any more: that was ended there, or it left the merge queue.' };
}

export async function endWait(repository: GithubRepository, { number }: HostPullRequest): Promise<void> {
  const { pullRequest: pull } = await mergeView(repository, number);
  if (pull.state !== 'OPEN') return;
  if (pull.mergeQueueEntry) await changePull(repository, 'dequeuePullRequest', { id: pull.id });
  if (pull.autoMergeRequest) await changePull(repository, 'disablePullRequestAutoMerge', { id: pull.id });
}

/** What a person does about a merge that GitHub's rules forbid. @param state GitHub's `mergeable_state`. */
function remedyOf(state: string, mayWait: boolean): string {
  if (state === 'behind')
    return 'The branch must have the newest commits of its base: request changes to bring them in.';
  if (state === 'draft') return 'Mark it as ready for review at GitHub, then merge again.';
  const later = mayWait ? ' Or merge it with when_ready: then GitHub does it once they are there.' : '';
  return `Give the required reviews and checks at GitHub, then merge again.${later}`;
}
