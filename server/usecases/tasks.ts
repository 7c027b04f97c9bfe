import { endTaskWork, requestRetry, setTaskPriority } from '#activities/ports/act-on-ticket.ts';
import { contextMarkdown } from '#workflows/domain/tasks/context.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { cutRun } from '#activities/ports/bus.ts';
import { wakeSignal } from '#workflows/contracts/run.ts';
import { retryUpdate } from '#workflows/contracts/work.ts';
import { sameCapabilities } from '#workflows/domain/agents/agent.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import { checkMove, statusesOf } from '#workflows/domain/transitions.ts';
import type { NewTask, Task } from '#prisma/store/tasks.ts';
import type * as contracts from '../contracts/tasks.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requirePhase } from './phases.ts';
import { reachRun } from './reach-run.ts';
import { notifyTicket, recheckTicket, requireOpenTicket } from './tickets.ts';
import { retryingOf } from './retrying.ts';
import { requireSafetyRight } from './safety.ts';
import { anyOf, toPageView, toTaskView } from './views.ts';

export async function listTasks({ services, organization_id }: Call, query: Query<typeof contracts.listTasks>) {
  const { project_id, spec_id, ticket_id, status, phase_id } = query;
  const sandbox = query.has_sandbox === undefined ? undefined : query.has_sandbox === 'true' ? { not: null } : null;
  return toPageView(
    await services.store.tasks.list(
      organization_id,
      { project_id, spec_id, ticket_id, status: anyOf(status), phase_id, sandbox_id: sandbox },
      query,
      query.search,
    ),
    toTaskView,
  );
}

/** Adds a task to a ticket. A ticket whose work has ended is reopened for it while its pull request is open. */
export async function createTask(
  call: Call,
  input: Body<typeof contracts.createTask>,
  {
    id = call.newId('task'),
    ...order
  }: Pick<NewTask, 'id' | 'required_count' | 'sync_deadline_at' | 'merge_strategy'> = {},
) {
  const { services, organization_id } = call;
  if (input.validation_enabled === false) requireSafetyRight(call, ['validation_enabled']);
  const ticket = await services.store.tickets.get(organization_id, input.ticket_id);
  await requirePhase(call, ticket.project_id, input.phase_id);
  await requireOpenTicket(call, ticket.id);
  const { deadline_at, ...fields } = input;
  const task = await services.store.tasks.create({
    ...fields,
    ...order,
    id,
    required_capabilities: sameCapabilities(input.required_capabilities),
    deadline_at: deadline_at ? new Date(deadline_at) : null,
    organization_id,
    project_id: ticket.project_id,
    spec_id: ticket.spec_id,
  });
  await notifyTicket(call, ticket, task.id);
  return toTaskView(task);
}

export async function getTask({ services, organization_id }: Call, id: string) {
  const task = await services.store.tasks.get(organization_id, id);
  return { ...toTaskView(task), retrying: await retryingOf(services, workflowId.task(task.id), task) };
}

export async function updateTask(
  { services, organization_id, actor }: Call,
  id: string,
  input: Body<typeof contracts.updateTask>,
) {
  const task = await services.store.tasks.get(organization_id, id);
  if (input.status !== undefined) {
    if (!statusesOf('task').includes(input.status))
      throw new AppError('invalid_body', `${input.status} is not a status of a task.`, [
        { field: 'status', message: `takes ${statusesOf('task').join(', ')}` },
      ]);
    checkMove('task', task.status, input.status);
    // A state that the workflow sets must not be changed from outside.
    if (input.status !== task.status)
      throw new AppError(
        'conflict',
        `The status of a task follows its work. Use cancel, fail or retry instead of setting ${input.status}.`,
      );
  }
  const { status: _status, priority, title, ...fields } = input;
  if (priority && priority !== task.priority && !finishedTask(task.status))
    await setTaskPriority(services, task, priority);
  if (title !== undefined) await services.store.tasks.rename(organization_id, id, { title, by: actor.email });
  return toTaskView(await services.store.tasks.patch(organization_id, id, fields));
}

async function beginTitle({ services, organization_id, actor, newId }: Call, task: Task) {
  const { id: task_id, project_id, title: from } = task;
  const request = { task_id, request_id: newId(`title ${task_id}`), from, by: actor.email };
  await services.workflows.startTitle({ organization_id, project_id, ...request });
}

/** Asks a model for another title, which an event brings. A repeated request is paid for once. */
export async function generateTitle(call: Call, id: string) {
  await beginTitle(call, await call.services.store.tasks.get(call.organization_id, id));
  return { status: 'accepted' };
}

/** The same for many tasks of a project, each by itself. */
export async function generateTitles(call: Call, { project_id, task_ids }: Body<typeof contracts.generateTitles>) {
  const { services, organization_id } = call;
  const asked = [...new Set(task_ids)];
  const filter = { project_id, id: { in: asked } };
  const { items } = await services.store.tasks.list(organization_id, filter, { limit: asked.length });
  for (const task of items) await beginTitle(call, task);
  const known = new Set(items.map(({ id }) => id));
  const unknown = asked.filter((id) => !known.has(id));
  const reason = 'The project has no such task, or it is archived.';
  return { begun: [...known], skipped: unknown.map((task_id) => ({ task_id, reason })) };
}

export async function taskContext({ services, organization_id }: Call, id: string) {
  const context = await services.store.tasks.context(await services.store.tasks.get(organization_id, id));
  return { context, markdown: contextMarkdown(context) };
}

/** A running task is cancelled by its workflow. A task whose workflow has not started is ended here. */
async function end(call: Call, id: string, status: 'cancelled' | 'failed', reason: string | undefined) {
  const { services, organization_id, actor } = call;
  const task = await services.store.tasks.get(organization_id, id);
  if (task.status === 'completed' || task.status === 'cancelled' || (status === 'failed' && task.status === 'failed'))
    throw new AppError('invalid_rule', `The task is already ${task.status}.`);
  // The run of the author, or of the reviewer while the task is validated.
  const runId = status === 'failed' && !finishedTask(task.status) ? await services.store.runs.activeOfTask(id) : null;
  if (runId) {
    const stop = { by: actor.email, reason: 'marked_failed' as const, message: reason ?? 'Marked as failed.' };
    await reachRun(call, runId, () => services.workflows.signal(workflowId.run(runId), wakeSignal, { stop }));
    cutRun(services.bus, organization_id, runId);
    return { status: 'failing' };
  }
  if (status === 'failed' && (await services.workflows.isRunning(workflowId.task(id))))
    throw new AppError(
      'conflict',
      `No agent works on the task (${task.status}), so there is nothing to fail. Cancel it instead.`,
    );
  return endTaskWork(services, task, status, { reason, by: actor.email });
}

export const cancelTask = (call: Call, id: string, reason: string | undefined) => end(call, id, 'cancelled', reason);

export const failTask = (call: Call, id: string, reason: string | undefined) => end(call, id, 'failed', reason);

export async function retryTask(call: Call, id: string) {
  const task = await call.services.store.tasks.get(call.organization_id, id);
  if (task.status !== 'failed')
    throw new AppError('conflict', `Only a failed task can be retried; this task is ${task.status}.`);
  // The ticket's workflow starts a task again whose own workflow failed.
  const retried =
    (await requestRetry(call.services, workflowId.task(id), retryUpdate)) ||
    (await requestRetry(call.services, workflowId.ticket(task.ticket_id), retryUpdate));
  if (!retried)
    throw new AppError('conflict', 'The work on the ticket of this task has ended, so the task cannot be retried.');
  return { status: 'pending' };
}

const toDependenciesView = (task: Task) => ({ task_id: task.id, depends_on: task.depends_on });

export const getDependencies = async ({ services, organization_id }: Call, id: string) =>
  toDependenciesView(await services.store.tasks.get(organization_id, id));

export async function changeDependencies(call: Call, id: string, change: (now: string[]) => string[]) {
  const { services, organization_id } = call;
  const task = await services.store.tasks.get(organization_id, id);
  const started = task.status !== 'pending' || (await services.workflows.isRunning(workflowId.task(id)));
  if (started)
    throw new AppError(
      'conflict',
      `Dependencies can change only before the task starts; this task ${task.status === 'pending' ? 'already waits for a slot' : `is ${task.status}`}.`,
    );
  const changed = await services.store.tasks.setDependencies(organization_id, id, change);
  await recheckTicket(call, task.ticket_id);
  return toDependenciesView(changed);
}

export async function checkCircular({ services, organization_id }: Call, id: string, dependsOn: string[]) {
  const wrong = await services.store.tasks.wouldCycle(organization_id, id, dependsOn);
  const cycle = (wrong?.details as { cycle?: string[] } | undefined)?.cycle ?? [];
  return { has_cycle: cycle.length > 0, message: wrong?.message ?? null, cycle };
}

export async function taskReviews(
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.taskReviews>,
) {
  return toPageView(await services.store.tasks.reviewsPage(organization_id, id, page), (r) => ({
    iteration: r.iteration,
    run_id: r.run_id,
    passed: r.passed,
    feedback: r.feedback,
    evidence: r.evidence,
    recommendations: r.recommendations,
    criteria: r.criteria,
    created_at: r.created_at.toISOString(),
  }));
}
