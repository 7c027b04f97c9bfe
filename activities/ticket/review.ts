import { Context } from '@temporalio/activity';
import { workflowId } from '#workflows/contracts/ids.ts';
import { cancelUpdate } from '#workflows/contracts/work.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { MergeWait } from '../ports/code-host.ts';
import { RepositoryError } from '../ports/repositories.ts';
import type { Services } from '../ports/services.ts';
import { asPullChecks, checkCommit } from '../project/check-commit.ts';
import { asHostPull, hostProject } from '../ports/host-project.ts';
import { pullTickets } from '../ports/pull-tickets.ts';
import { linkMerge } from '../ports/link-commits.ts';
import { endDraft, settleDraft, unfinishedTask } from './draft.ts';
import type { OpenedChanges } from './open-changes.ts';
import { createMergeWaits } from './merge-wait.ts';
import { answerRemarks, createTakeRemarks } from './take-remarks.ts';

interface PullRef {
  organization_id: string;
  pull_request_id: string;
}

/** @throws conflict unless the pull request is open. @param wanted completes "it cannot be ...". */
function requireOpen(pull: PullRequest, wanted: string): void {
  if (pull.state === 'open') return;
  throw new AppError(
    'conflict',
    `state: pull request #${pull.number} is ${pull.state}, so it cannot be ${wanted}. ` +
      'Create a ticket for the work that is still wanted, or request changes: they open the next pull request.',
  );
}

/** Carries out decisions about a pull request. */
export function createReviewActivities(services: Services) {
  const { store, codeHost, repositories, workflows } = services;
  const takeRemarks = createTakeRemarks(services);

  const waits = createMergeWaits(services);

  const ticketsOf = (pull: PullRequest) => pullTickets(services, pull);

  /** @throws conflict while a task of the pull request has work that is not in it: after the merge it could go nowhere. */
  async function requireComplete(pull: PullRequest): Promise<void> {
    const open = await unfinishedTask(services, pull);
    if (!open) return;
    throw new AppError(
      'conflict',
      `state: pull request #${pull.number} does not contain the task "${open.task.title}" of ${open.ticket.key} yet, ` +
        `which is ${open.task.status}. Wait until it is in the pull request, or cancel the task, then merge.`,
    );
  }

  /** Cancels the work that is under way on a ticket, if any. */
  async function cancelWork(ticketId: string, end: { reason: string; by: string }): Promise<void> {
    try {
      await workflows.update(workflowId.ticket(ticketId), cancelUpdate, { reason: end.reason, actor: end.by });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
    }
  }

  /** Records a merge, and completes the ticket or spec of the pull request. Safe to repeat. */
  async function merged(pull: PullRequest, sha: string, by: string): Promise<void> {
    await store.pullRequests.markMerged(pull.organization_id, pull.id, { sha, by });
    const tickets = await ticketsOf(pull);
    const wanted = tickets.filter(({ status }) => status !== 'cancelled').map(({ id }) => id);
    await linkMerge(services, pull, wanted, sha);
    // A pull request that follows the ended one of a spec has a ticket of its own; the spec has ended.
    if (pull.ticket_id) await store.tickets.advance(pull.organization_id, pull.ticket_id, 'done', by);
    else if (pull.spec_id) {
      for (const id of wanted) await store.tickets.advance(pull.organization_id, id, 'done', by);
      const complete = { status: 'completed', current_phase: 'complete', progress: 100, ended_at: new Date() };
      await store.specs.update(pull.organization_id, pull.spec_id, complete, { by });
      await store.tickets.endPlanned(pull.organization_id, pull.spec_id, by);
    }
    // What is still under way waits for a person who has decided now.
    const end = { reason: `Pull request #${pull.number} was merged.`, by };
    for (const { id } of tickets) {
      await cancelWork(id, end);
      await store.tickets.dropUnstarted(pull.organization_id, id, end);
    }
  }

  /** The code host does not show the pull request, and no retry changes that: its tickets say so. */
  async function askPerson(pull: PullRequest, { message }: RepositoryError): Promise<undefined> {
    const reason = `What happened to pull request #${pull.number} at its code host could not be read. ${message} Then merge or close it here, or send the event again.`;
    for (const { id } of await ticketsOf(pull))
      await store.tickets.patch(pull.organization_id, id, { needs_review: true, last_error: reason });
  }

  const closing = (pull: PullRequest) => `Pull request #${pull.number} was closed without a merge.`;

  /** Records an end without a merge, and cancels the ticket or spec of the pull request. Safe to repeat. */
  async function closed(pull: PullRequest, by: string): Promise<string> {
    const row = await store.pullRequests.close(pull.organization_id, pull.id, by);
    const end = { reason: closing(row), by };
    for (const { id } of await ticketsOf(row)) {
      await store.tickets.cancel(row.organization_id, id, end);
      await cancelWork(id, end);
    }
    if (row.spec_id && !row.ticket_id)
      await store.specs.update(
        row.organization_id,
        row.spec_id,
        { status: 'cancelled', last_error: end.reason, ended_at: new Date() },
        { by, late: true },
      );
    return row.state;
  }

  /** Takes back an end without a merge. @throws unavailable while the work that it cancelled is still ending. */
  async function reopened(pull: PullRequest, by: string): Promise<PullRequest> {
    for (const { id, key } of await ticketsOf(pull))
      if (await workflows.isRunning(workflowId.ticket(id)))
        throw new AppError(
          'unavailable',
          `Pull request #${pull.number} was reopened while the work on ${key} is still ending.`,
          {},
          2,
        );
    return store.pullRequests.reopen(pull.organization_id, pull.id, { by, closing: closing(pull) });
  }

  return {
    /** Merges at the code host, unless it is merged already, and completes the pull request's ticket or spec. */
    mergePull: async (
      input: PullRef & { method: 'merge' | 'squash' | null; when_ready?: boolean; actor: string },
    ): Promise<{ sha: string } | MergeWait> => {
      const pull = await store.pullRequests.get(input.organization_id, input.pull_request_id);
      // The workflow of the pull request carries decisions out one by one, so the state holds until the merge is recorded.
      if (pull.state !== 'merged') {
        requireOpen(pull, 'merged');
        await requireComplete(pull);
      }
      const project = await store.projects.get(pull.organization_id, pull.project_id);
      const { merge_method: usual, merge_when_ready: mayWait } = project.settings;
      const way = {
        method: input.method ?? usual ?? 'merge',
        or_another: input.method === null,
        when_ready: input.when_ready ?? mayWait ?? false,
      };
      if (pull.state !== 'merged') await endDraft(services, pull);
      const done =
        pull.state === 'merged' && pull.merge_sha
          ? { sha: pull.merge_sha }
          : await codeHost.mergePullRequest(hostProject(project), asHostPull(pull), way);
      if ('sha' in done) {
        await merged(pull, done.sha, input.actor);
        return { sha: done.sha };
      }
      await waits.begin(pull, done, input.actor);
      return done;
    },

    /** Takes over what people did with the pull request at its code host, and what they said about it. */
    readHostPull: async (
      input: PullRef,
    ): Promise<{ state: string; changes?: OpenedChanges[]; merge_waits_for?: string }> => {
      const pull = await store.pullRequests.get(input.organization_id, input.pull_request_id);
      const project = await store.projects.get(pull.organization_id, pull.project_id);
      const unread = (error: unknown) => {
        if (!(error instanceof RepositoryError)) throw error;
        // Nothing waits for a pull request that is closed here.
        return pull.state === 'closed' ? undefined : askPerson(pull, error);
      };
      const there = await codeHost.readPullRequest(hostProject(project), asHostPull(pull)).catch(unread);
      if (!there) return { state: pull.state };
      const by = waits.decider(pull) ?? `${there.merged_by ?? 'someone'} at ${there.provider}`;
      const { state } = pull.state === 'closed' && there.state !== 'closed' ? await reopened(pull, by) : pull;
      // Steps that a lost worker left undone are repeated: each of them is safe to repeat.
      if (there.state === 'merged') await merged(pull, there.merge_sha ?? pull.head_sha, by);
      else if (there.state === 'closed' && state === 'open') await closed(pull, by);
      if (there.state !== 'open' || state !== 'open') return { state: state === 'merged' ? state : there.state };
      const changes = await takeRemarks({ ...pull, state }, project).catch(unread);
      const waits_for = await waits.look(pull, project, changes ?? []).catch(unread);
      return { state, changes, ...(waits_for ? { merge_waits_for: waits_for } : {}) };
    },

    /** Makes the pull request a draft at its code host while work on it goes on, and ready once that is done. */
    settleDraft: (input: PullRef): Promise<void> => settleDraft(services, input.organization_id, input.pull_request_id),

    /** Closes a pull request without merging it, and cancels its ticket or spec with its work. Its branch stays. */
    closePull: async (input: PullRef & { actor: string }): Promise<{ status: string }> => {
      const pull = await store.pullRequests.get(input.organization_id, input.pull_request_id);
      const project = await store.projects.get(pull.organization_id, pull.project_id);
      if (pull.state === 'open') await codeHost.closePullRequest(hostProject(project), asHostPull(pull));
      return { status: await closed(pull, input.actor) };
    },

    /** Updates a pull request's record to the current head of its branch, after a check. */
    refreshPull: async (input: PullRef): Promise<void> => {
      const signal = Context.current().cancellationSignal;
      const pull = await store.pullRequests.get(input.organization_id, input.pull_request_id);
      const project = await store.projects.get(pull.organization_id, pull.project_id);
      const head = await repositories.resolve(pull.project_id, `refs/heads/${pull.branch}`);
      if (!head || pull.state === 'closed') return;
      if (head === pull.head_sha) {
        await settleDraft(services, pull.organization_id, pull.id);
        return answerRemarks(services, project, pull);
      }
      requireOpen(pull, 'updated');
      const check = await checkCommit(
        services,
        {
          organization_id: pull.organization_id,
          project_id: pull.project_id,
          sha: head,
          base_sha: pull.base_sha,
          name: `pr-${head.slice(0, 12)}`,
        },
        signal,
      );
      await codeHost.pushBranch(hostProject(project), pull.branch, head);
      const checks = asPullChecks(check, head);
      const row = await store.pullRequests.open({ ...pull, head_sha: head, checks }, { url: () => pull.url });
      await settleDraft(services, row.organization_id, row.id);
      await answerRemarks(services, project, row);
    },
  };
}
