import { present } from '#workflows/domain/errors.ts';
import { holdsTasks } from '#workflows/domain/tasks/ticket-moves.ts';
import type { Services } from '../ports/services.ts';
import { openTicketBranch } from '../ports/open-branch.ts';
import { surveyIfChanged } from '../survey/survey-if-changed.ts';

export interface PlannedTask {
  id: string;
  depends_on: string[];
  /** The dependencies that belong to other tickets and are not completed. */
  waits_outside: string[];
  /** A dependency that belongs to another ticket was cancelled. Absent in histories from before it was looked at. */
  waits_for_cancelled?: boolean;
  /** So many dependencies are enough; absent: all. */
  required_count?: number;
  /** Until then so many should be done, in milliseconds since 1970. */
  sync_deadline?: number;
  /** How the results of its dependencies are merged; absent: combine. */
  merge_strategy?: string;
  status: string;
  /** Number of attempts so far. */
  attempt: number;
  discovery_id: string | null;
  title: string;
  branch: string | null;
  head_sha: string | null;
  /** The task's code is in the ticket's branch already. */
  joined: boolean;
}

export interface OpenedTicket {
  branch: string;
  base_sha: string;
  head_sha: string;
  tasks: PlannedTask[];
  limits: { validation_rounds: number; max_retries: number; retry_backoff_seconds: number };
  /** Why a person holds its tasks. */
  blocked?: string;
  /** After so long without progress it is looked for what blocks it. Absent in older histories: nobody looks. */
  blocked_after_seconds?: number;
}

/** Starts the work on a ticket: its branch exists before any sandbox does. */
export function createTicketBranches(services: Services) {
  const { store, repositories, config } = services;

  async function plannedTasks(
    ticketId: string,
    headSha: string | undefined,
    projectId: string,
  ): Promise<PlannedTask[]> {
    const tasks = await store.tasks.ofTicket(ticketId);
    const own = new Set(tasks.map((task) => task.id));
    const outside = await store.tasks.byIds(
      [...new Set(tasks.flatMap((task) => task.depends_on))].filter((id) => !own.has(id)),
    );
    const open = new Set(outside.filter((task) => task.status !== 'completed').map((task) => task.id));
    const cancelled = new Set(outside.filter((task) => task.status === 'cancelled').map((task) => task.id));
    return Promise.all(
      tasks.map(async (task) => ({
        id: task.id,
        depends_on: task.depends_on,
        waits_outside: task.depends_on.filter((id) => open.has(id)),
        waits_for_cancelled: task.depends_on.some((id) => cancelled.has(id)),
        ...(task.required_count === null ? {} : { required_count: task.required_count }),
        ...(task.merge_strategy === null ? {} : { merge_strategy: task.merge_strategy }),
        ...(task.sync_deadline_at ? { sync_deadline: task.sync_deadline_at.getTime() } : {}),
        status: task.status,
        attempt: task.attempt,
        discovery_id: task.discovery_id,
        title: task.title,
        branch: task.branch,
        head_sha: task.head_sha,
        joined:
          task.status === 'completed' &&
          (task.head_sha === null ||
            task.head_sha === task.base_sha ||
            (await repositories.isAncestor(projectId, task.head_sha, present(headSha, "the ticket's branch")))),
      })),
    );
  }

  return {
    openTicket: async (input: {
      organization_id: string;
      ticket_id: string;
      base_branch: string | null;
    }): Promise<OpenedTicket> => {
      const ticket = await store.tickets.get(input.organization_id, input.ticket_id);
      const project = await store.projects.get(ticket.organization_id, ticket.project_id);
      const held = holdsTasks(ticket);
      if (ticket.is_blocked && !held) await store.tickets.unblock(ticket.organization_id, ticket.id, 'platform');
      const { branch, base_sha, head_sha } = await openTicketBranch(
        services,
        project,
        ticket,
        input.base_branch,
        (sha) => surveyIfChanged(services, project, sha),
      );
      await store.tickets.advance(ticket.organization_id, ticket.id, 'building', 'platform');
      const tasks = await plannedTasks(ticket.id, head_sha, project.id);
      const joins = tasks.filter((task) => task.depends_on.length > 1 && task.status === 'pending');
      for (const task of joins) {
        await store.merges.emitCoordination('coordination.join.created', {
          organization_id: ticket.organization_id,
          project_id: project.id,
          ticket_id: ticket.id,
          task_id: task.id,
          data: {
            join_id: task.id,
            source_task_ids: task.depends_on,
            continuation_task_id: task.id,
            merge_strategy: task.merge_strategy ?? 'combine',
          },
        });
      }
      const { validation_rounds, max_retries, retry_backoff } = config.task;
      return {
        branch,
        base_sha,
        head_sha,
        tasks,
        limits: { validation_rounds, max_retries, retry_backoff_seconds: retry_backoff },
        blocked_after_seconds: config.ticket.blocked_after,
        ...(held ? { blocked: ticket.blocked_reason ?? 'blocked' } : {}),
      };
    },

    ticketTasks: async (input: { organization_id: string; ticket_id: string }): Promise<PlannedTask[]> => {
      const ticket = await store.tickets.get(input.organization_id, input.ticket_id);
      const head = await repositories.resolve(ticket.project_id, `refs/heads/${ticket.branch}`);
      return plannedTasks(ticket.id, head, ticket.project_id);
    },
  };
}
