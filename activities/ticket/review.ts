import { Context } from '@temporalio/activity';
import { AppError, present } from '#workflows/domain/errors.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Services } from '../ports/services.ts';
import { deterministicId } from '../support/ids.ts';
import { checkCommit } from '../project/project-check.ts';
import { hostProject } from '../project/host-project.ts';

interface PullRef {
  organization_id: string;
  pull_request_id: string;
}

export interface Comment {
  body: string;
  path?: string;
  line?: number;
}

/** @throws conflict unless the pull request is open. @param wanted completes "it cannot be ...". */
function requireOpen(pull: PullRequest, wanted: string): void {
  if (pull.state === 'open') return;
  throw new AppError(
    'conflict',
    `state: pull request #${pull.number} is ${pull.state}, so it cannot be ${wanted}. ` +
      'Create a ticket for the work that is still wanted: it opens a pull request of its own.',
  );
}

/** Carries out decisions about a pull request: merge it, or continue work on its branch. */
export function createReviewActivities(services: Services) {
  const { store, codeHost, repositories } = services;

  return {
    /** Merges at the code host, unless it is merged already, and completes the pull request's ticket or spec. */
    mergePull: async (
      input: PullRef & { method: 'merge' | 'squash' | null; actor: string },
    ): Promise<{ sha: string }> => {
      const pull = await store.pullRequests.get(input.organization_id, input.pull_request_id);
      // The workflow of the pull request carries decisions out one by one, so the state holds until the merge is recorded.
      if (pull.state !== 'merged') requireOpen(pull, 'merged');
      const project = await store.projects.get(pull.organization_id, pull.project_id);
      const method = input.method ?? project.settings.merge_method ?? 'merge';
      const request = {
        business_key: pull.business_key,
        title: pull.title,
        body: pull.body,
        branch: pull.branch,
        base: pull.base,
        base_sha: pull.base_sha,
        head_sha: pull.head_sha,
        provider_id: pull.provider_id ?? pull.id,
        number: pull.number,
        url: pull.url,
        state: pull.state as 'open',
      };
      const { sha } =
        pull.state === 'merged' && pull.merge_sha
          ? { sha: pull.merge_sha }
          : await codeHost.mergePullRequest(hostProject(project), request, method);
      await store.pullRequests.markMerged(pull.organization_id, pull.id, { sha, by: input.actor });
      if (pull.ticket_id) await store.tickets.advance(pull.organization_id, pull.ticket_id, 'done', input.actor);
      if (pull.spec_id) {
        for (const ticket of await store.tickets.ofSpec(pull.spec_id))
          if (ticket.status !== 'cancelled')
            await store.tickets.advance(pull.organization_id, ticket.id, 'done', input.actor);
        const merged = { status: 'completed', current_phase: 'complete', progress: 100, ended_at: new Date() };
        await store.specs.update(pull.organization_id, pull.spec_id, merged, { by: input.actor });
      }
      return { sha };
    },

    /** Closes a pull request without merging it, and cancels its ticket or spec. Its branch stays. */
    closePull: async (input: PullRef & { actor: string }): Promise<{ status: string }> => {
      const row = await store.pullRequests.close(input.organization_id, input.pull_request_id, input.actor);
      const end = { reason: `Pull request #${row.number} was closed without a merge.`, by: input.actor };
      const tickets = row.spec_id ? await store.tickets.ofSpec(row.spec_id) : [];
      for (const id of row.ticket_id ? [row.ticket_id] : tickets.map((ticket) => ticket.id))
        await store.tickets.cancel(row.organization_id, id, end);
      if (row.spec_id)
        await store.specs.update(
          row.organization_id,
          row.spec_id,
          { status: 'cancelled', last_error: end.reason, ended_at: new Date() },
          { by: input.actor, late: true },
        );
      return { status: row.state };
    },

    /** Creates a task from comments: on the pull request's ticket, or on a new ticket of its spec. */
    openChanges: async (
      input: PullRef & { comments: Comment[]; actor: string; request: string },
    ): Promise<{ ticket_id: string; task_id: string; spec_id: string | null; base_branch: string | null }> => {
      const pull = await store.pullRequests.get(input.organization_id, input.pull_request_id);
      const known = pull.comments.find((comment) => comment.request === input.request);
      if (known?.ticket_id && known.task_id)
        return {
          ticket_id: known.ticket_id,
          task_id: known.task_id,
          spec_id: pull.spec_id,
          base_branch: pull.spec_id ? pull.branch : null,
        };
      requireOpen(pull, 'changed');
      const title = `Review changes of #${pull.number}`;
      const text = input.comments
        .map(
          (comment) =>
            `- ${comment.path ? `${comment.path}${comment.line ? `:${comment.line}` : ''}: ` : ''}${comment.body}`,
        )
        .join('\n');
      const description = `A reviewer asks for changes to "${pull.title}":\n\n${text}`;
      const work = { task_type: 'implement_feature', criteria: [], execution_config: { force_execute: true } };
      const id = deterministicId(`changes:${input.request}`);
      let ticketId = pull.ticket_id;
      let taskId: string;
      if (ticketId) {
        const task = await store.tasks.create({
          id,
          organization_id: pull.organization_id,
          project_id: pull.project_id,
          ticket_id: ticketId,
          spec_id: pull.spec_id,
          title,
          description,
          phase_id: 'PHASE_IMPLEMENTATION',
          priority: 'HIGH',
          task_type: work.task_type,
          execution_config: work.execution_config,
        });
        taskId = task.id;
      } else {
        const made = await store.tickets.create(
          {
            id,
            organization_id: pull.organization_id,
            project_id: pull.project_id,
            user_id: null,
            title,
            description,
            priority: 'HIGH',
            status: 'backlog',
            phase_id: 'PHASE_IMPLEMENTATION',
            workflow_mode: 'quick',
            spec_id: pull.spec_id,
          },
          work,
        );
        ticketId = made.ticket.id;
        taskId = present(made.task, "the ticket's first task").id;
      }
      await store.pullRequests.addComments(
        pull.organization_id,
        pull.id,
        input.comments.map((comment) => ({
          ...comment,
          author: input.actor,
          at: new Date().toISOString(),
          request: input.request,
          ticket_id: ticketId,
          task_id: taskId,
        })),
      );
      return {
        ticket_id: ticketId,
        task_id: taskId,
        spec_id: pull.spec_id,
        base_branch: pull.spec_id ? pull.branch : null,
      };
    },

    /** Updates a pull request's record to the current head of its branch, after a check. */
    refreshPull: async (input: PullRef): Promise<void> => {
      const signal = Context.current().cancellationSignal;
      const pull = await store.pullRequests.get(input.organization_id, input.pull_request_id);
      const project = await store.projects.get(pull.organization_id, pull.project_id);
      const head = await repositories.resolve(pull.project_id, `refs/heads/${pull.branch}`);
      if (!head || head === pull.head_sha) return;
      requireOpen(pull, 'updated');
      const check = await checkCommit(
        services,
        {
          organization_id: pull.organization_id,
          project_id: pull.project_id,
          sha: head,
          name: `pr-${head.slice(0, 12)}`,
        },
        signal,
      );
      await codeHost.pushBranch(hostProject(project), pull.branch, head);
      const checks = check.command
        ? [{ name: check.command, passed: check.passed, exit_code: check.exit_code, sha: head }]
        : [];
      await store.pullRequests.open({ ...pull, head_sha: head, checks }, { url: () => pull.url });
    },
  };
}
