import { bumpUpdate } from '#workflows/contracts/work.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { raiseLimitsUpdate } from '#workflows/contracts/run.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { nextStatuses, statusesOf } from '#workflows/domain/transitions.ts';
import type { Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/task-timeouts.ts';
import type { Call } from '../http/context.ts';
import { toPageView, toTaskView } from './views.ts';

const isCancellable = (status: string) => nextStatuses('task', status).includes('cancelled');

export async function timeoutStatus({ services, organization_id }: Call, id: string) {
  const { task, run, elapsed_seconds, timed_out } = await services.store.tasks.timeOf(organization_id, id);
  const limit_seconds = run?.max_seconds ?? null;
  return {
    task_id: id,
    timeout_seconds: task.timeout_seconds,
    limit_seconds,
    elapsed_seconds,
    time_remaining: limit_seconds === null ? null : Math.max(0, limit_seconds - elapsed_seconds),
    is_timed_out: timed_out && task.status === 'failed',
    can_cancel: isCancellable(task.status),
  };
}

/** The run that is at work is held to a shorter limit at once. A longer one would pass the limits of its project. */
export async function setTimeoutOfTask(call: Call, id: string, timeout_seconds: number) {
  const { services, organization_id, actor } = call;
  const { task, run } = await services.store.tasks.timeOf(organization_id, id);
  if (task.status === 'completed' || task.status === 'cancelled')
    throw new AppError('invalid_rule', `${task.key} is ${task.status}: it needs no limit of time any more.`);
  if (run && !run.ended && timeout_seconds < run.max_seconds)
    await services.workflows.update(workflowId.run(run.id), raiseLimitsUpdate, {
      max_seconds: timeout_seconds,
      // The task's own limit of time always ends it.
      asks_at: run.asks_at.filter((limit) => limit !== 'time'),
      actor: actor.email,
    });
  await services.store.tasks.patch(organization_id, id, { timeout_seconds });
  return timeoutStatus(call, id);
}

export async function timedOutTasks(
  { services, organization_id }: Call,
  { project_id, ...page }: Query<typeof contracts.timedOutTasks>,
) {
  return toPageView(await services.store.tasks.timedOut(organization_id, { project_id }, page), toTaskView);
}

export async function cancellableTasks(
  { services, organization_id }: Call,
  { project_id, ...page }: Query<typeof contracts.cancellableTasks>,
) {
  const filter = { project_id, status: { in: statusesOf('task').filter(isCancellable) } };
  return toPageView(await services.store.tasks.list(organization_id, filter, page), toTaskView);
}

/** Starts a waiting task at once, at most one over the limit of its project (EXEC-13). */
export async function bumpTask({ services, organization_id, actor }: Call, id: string) {
  const task = await services.store.tasks.get(organization_id, id);
  const queue = workflowId.projectQueue(task.project_id);
  return services.workflows.update(queue, bumpUpdate, { task_id: id, actor: actor.email });
}
