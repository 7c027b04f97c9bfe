import type { MergeSource } from '#workflows/contracts/work.ts';
import { strategyOf, synthesise } from '#workflows/domain/merge/synthesis.ts';
import { present } from '#workflows/domain/errors.ts';
import type { Services } from '../ports/services.ts';
import { branchHead } from '../ports/branch-head.ts';
import { hostProject } from '../ports/host-project.ts';
import { signalWaitingTickets } from '../ports/signal-waiting.ts';

export type Joined =
  /** The branch is now at that commit, without a merge. */
  | { kind: 'forward'; head_sha: string }
  /** Both sides have moved: a merge with its checks is needed. */
  | { kind: 'merge'; source: MergeSource };

/** Joins a finished task's code into its ticket's branch, and notifies the tasks that depend on it. */
export function createJoins(services: Services) {
  const { store, repositories, codeHost } = services;

  return {
    /** Moves the ticket's branch forward where the task's work simply continues it. */
    joinTask: async (input: {
      organization_id: string;
      ticket_id: string;
      task_id: string;
      branch: string;
    }): Promise<Joined> => {
      const task = await store.tasks.get(input.organization_id, input.task_id);
      const ref = `refs/heads/${input.branch}`;
      const [project, head] = await Promise.all([
        store.projects.get(input.organization_id, task.project_id),
        branchHead(services, task.project_id, input.branch),
        signalWaitingTickets(services, task),
      ]);
      const sha = task.head_sha;
      if (!sha || sha === task.base_sha) return { kind: 'forward', head_sha: head };
      const shared = await repositories.mergeBase(project.id, head, sha);
      // An earlier try of this activity may have moved the branch already.
      const to =
        shared === sha
          ? head
          : shared === head && (await repositories.updateRef(project.id, ref, sha, head))
            ? sha
            : undefined;
      if (to) {
        await Promise.all([
          codeHost.pushBranch(hostProject(project), input.branch, to),
          store.tickets.patch(input.organization_id, input.ticket_id, { head_sha: to }),
        ]);
        return { kind: 'forward', head_sha: to };
      }
      return {
        kind: 'merge',
        source: {
          sha,
          branch: present(task.branch, 'the branch of the task'),
          title: `${task.key}: ${task.title}`,
          subject_id: task.id,
        },
      };
    },

    /** Gives tasks that can start now the results of the tasks before them, and emits which tasks were unblocked. */
    unblock: async (input: {
      organization_id: string;
      ticket_id: string;
      task_ids: string[];
      by: string[];
    }): Promise<void> => {
      const tasks = await store.tasks.byIds(input.task_ids);
      for (const task of tasks) {
        const continues = task.depends_on.length > 1;
        if (task.synthesis_context || (!continues && task.required_count === null)) continue;
        const found = await store.tasks.byIds(task.depends_on);
        // In the order in which the task names them, since the strategies follow it.
        const done = task.depends_on.flatMap(
          (id) => found.find((one) => one.id === id && one.status === 'completed') ?? [],
        );
        if (task.required_count !== null)
          await store.merges.emitCoordination('coordination.sync.ready', {
            organization_id: input.organization_id,
            project_id: task.project_id,
            ticket_id: input.ticket_id,
            task_id: task.id,
            data: {
              sync_id: task.id,
              required_count: task.required_count,
              completed_task_ids: done.map(({ id }) => id),
            },
          });
        if (!continues) continue;
        const sources = done.map((source) => ({
          id: source.local_id ?? source.key,
          result: summaryOf(source.result),
        }));
        const strategy = strategyOf(task.merge_strategy);
        await store.merges.emitCoordination('coordination.synthesis.completed', {
          organization_id: input.organization_id,
          project_id: task.project_id,
          ticket_id: input.ticket_id,
          task_id: task.id,
          data: { source_task_ids: done.map(({ id }) => id), strategy },
        });
        await store.tasks.patch(input.organization_id, task.id, { synthesis_context: synthesise(strategy, sources) });
      }
      const last = tasks[0];
      if (last && input.by.length > 0)
        await store.tasks.emitOnce(last, 'tasks.unblocked', { unblocked_task_ids: input.task_ids, by: input.by });
    },
  };
}

function summaryOf(result: unknown): Record<string, unknown> {
  const { summary, triggered_by_discovery: discovery } = (result ?? {}) as {
    summary?: string;
    triggered_by_discovery?: string;
  };
  return { ...(summary === undefined ? {} : { summary }), ...(discovery === undefined ? {} : { discovery }) };
}
