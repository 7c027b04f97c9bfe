import { analysisOfType, withinRole } from '#workflows/domain/tasks/analysis.ts';
import { sandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { taskBranch } from '#workflows/domain/tasks/branches.ts';
import type { Task } from '#prisma/store/tasks.ts';
import { makeAhead } from '../agent/sandbox-ahead.ts';
import type { Services } from '../ports/services.ts';
import { besideBranches } from '../ports/host-project.ts';
import { baseline } from '../run/baseline.ts';
import { goalOf, runIdOf } from './task-run.ts';

/**
 * Prepares the first runs of the tasks that wait for one task alone, while that is reviewed and joined: their sandboxes,
 * and what their opening messages say of the code. It asks no model and takes no slot. It is made for the commit that
 * the ticket's branch moves forward to; where the branch comes to another one, it is thrown away.
 */
export function createPrepareAhead(services: Services) {
  const { store, repositories, config, disk, log } = services;

  /** The tasks that wait for this one alone. */
  async function nextTasks(task: Task): Promise<Task[]> {
    const next = (await store.tasks.waitingFor(task)).slice(0, config.queue.active_per_project);
    const others = await store.tasks.byIds([...new Set(next.flatMap((other) => other.depends_on))]);
    const open = new Set(
      others.filter(({ id, status }) => id !== task.id && status !== 'completed').map(({ id }) => id),
    );
    return next.filter((other) => !other.depends_on.some((id) => open.has(id)));
  }

  async function prepareOne(task: Task, sha: string, branches: string[]): Promise<void> {
    const runId = runIdOf(task, 1);
    const mode = (task.analysis ?? withinRole(task.phase_id, analysisOfType(task.task_type))).execution_mode;
    await Promise.all([
      baseline(
        services,
        task.organization_id,
        task.project_id,
        { code_sha: sha, instructions_sha: sha },
        `${task.title}\n${goalOf(task)}`,
      ),
      makeAhead(services, {
        id: runId,
        organization_id: task.organization_id,
        project_id: task.project_id,
        task_id: task.id,
        kind: 'task',
        mode,
        phase: task.phase_id,
        sandbox_id: sandboxId(task.id, runId),
        branch: besideBranches(branches, taskBranch(task)),
        start_sha: sha,
        head_sha: sha,
      }),
    ]);
  }

  async function prepare(task: Task): Promise<void> {
    const sha = task.head_sha;
    if (!sha || disk.problem()) return;
    const next = await nextTasks(task);
    if (next.length === 0) return;
    const ticket = await store.tickets.get(task.organization_id, task.ticket_id);
    const head = await repositories.resolve(task.project_id, `refs/heads/${ticket.branch ?? ''}`);
    // Where the branch has moved on, a merge comes, and its commit is not known before.
    if (!head || !(await repositories.isAncestor(task.project_id, head, sha))) return;
    const branches = await repositories.branches(task.project_id);
    for (const other of next) await prepareOne(other, sha, branches);
  }

  /** Prepares in the background: nothing waits for it, and what it could not do is done when the task starts. */
  return (task: Task): void => {
    prepare(task).catch((error: unknown) =>
      log.debug({ task_id: task.id, error: String(error) }, 'the next tasks could not be prepared'),
    );
  };
}
