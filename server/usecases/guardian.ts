import { endTaskWork, setTaskPriority } from '#activities/ports/act-on-ticket.ts';
import type { GuardianAction } from '#prisma/store/guardian-actions.ts';
import { authority } from '#workflows/domain/agents/agent.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { finishedTask, priorities, type Priority } from '#workflows/domain/tasks/states.ts';
import type { ActionKind, ActionState } from '#workflows/domain/watch/actions.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/guardian.ts';
import type { Call } from '../http/context.ts';
import { authorityOf } from './agent-views.ts';
import { agentOf, agentsChanged } from './agents.ts';
import { notifyTicket, requireOpenTicket } from './tickets.ts';
import { at, iso, toPageView } from './views.ts';

const toActionView = ({ actor, organization_id: _own, created_at, reverted_at, ...action }: GuardianAction) => ({
  ...action,
  by: actor,
  created_at: at(created_at),
  reverted_at: iso(reverted_at),
});

/** @throws forbidden below the authority of the guardian. */
function requireAuthority(call: Call): number {
  const own = authorityOf(call);
  if (own < authority.admin)
    throw new AppError('forbidden', `This takes an authority of ${authority.admin} over agents; yours is ${own}.`);
  return own;
}

const newAction = (call: Call, reason: string) => ({
  id: call.newId('guardian_action'),
  organization_id: call.organization_id,
  reason,
  actor: call.actor.email,
  authority: requireAuthority(call),
});

/** @throws conflict for a task that has ended: nothing acts on it any more. */
async function openTask({ services, organization_id }: Call, id: string) {
  const task = await services.store.tasks.get(organization_id, id);
  if (finishedTask(task.status))
    throw new AppError('conflict', `${task.key} is ${task.status}, so nothing works on it that this could change.`);
  return task;
}

/** Stores an action, does it, and stores its end. */
async function act(
  call: Call,
  { task_id, reason }: { task_id: string; reason: string },
  kind: ActionKind,
  { before, after }: { before: ActionState; after: ActionState },
  work: () => Promise<unknown>,
) {
  const { guardianActions, tasks } = call.services.store;
  const action = newAction(call, reason);
  const { project_id } = await tasks.get(call.organization_id, task_id);
  const opened = await guardianActions.open({ ...action, project_id, task_id, kind, before });
  if (opened.status !== 'started') return toActionView(opened);
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) await guardianActions.end(action.id, { after: null, error: error.message });
    throw error;
  }
  return toActionView(await guardianActions.end(action.id, { after, error: null }));
}

export async function guardianCancel(call: Call, input: Body<typeof contracts.guardianCancel>) {
  const task = await openTask(call, input.task_id);
  const states = { before: { status: task.status }, after: { status: 'cancelled' } };
  return act(call, input, 'cancel_task', states, () =>
    endTaskWork(call.services, task, 'cancelled', { reason: input.reason, by: call.actor.email }),
  );
}

const isPriority = (text: string): text is Priority => (priorities as readonly string[]).includes(text);

/** @throws invalid_rule for a word that is not a priority. */
export async function guardianPriority(call: Call, input: Body<typeof contracts.guardianPriority>) {
  const { priority } = input;
  if (!isPriority(priority))
    throw new AppError('invalid_rule', `priority: must be one of ${priorities.join(', ')}.`, [
      { field: 'priority', message: `takes ${priorities.join(', ')}` },
    ]);
  const task = await openTask(call, input.task_id);
  if (task.priority === priority) throw new AppError('conflict', `The priority of ${task.key} is ${priority} already.`);
  const states = { before: { priority: task.priority }, after: { priority } };
  return act(call, input, 'override_priority', states, () => setTaskPriority(call.services, task, priority));
}

/** @throws invalid_rule for one agent twice, and for more places than can be moved. */
export async function guardianReallocate(call: Call, input: Body<typeof contracts.guardianReallocate>) {
  const { from_agent_id, to_agent_id, capacity, reason } = input;
  const [from, to] = [await agentOf(call, from_agent_id), await agentOf(call, to_agent_id)];
  if (from.id === to.id) throw new AppError('invalid_rule', 'to_agent_id: must be another agent than from_agent_id.');
  const action = await call.services.store.guardianActions.reallocate(newAction(call, reason), {
    ...{ from: from.id, to: to.id, capacity },
  });
  await agentsChanged(call);
  return toActionView(action);
}

export const listGuardianActions = async (
  { services, organization_id }: Call,
  { project_id, task_id, kind, ...page }: Query<typeof contracts.listGuardianActions>,
) =>
  toPageView(
    await services.store.guardianActions.page(organization_id, { project_id, task_id, kind }, page),
    toActionView,
  );

export const getGuardianAction = async ({ services, organization_id }: Call, id: string) =>
  toActionView(await services.store.guardianActions.get(organization_id, id));

/** Gives a task its old priority back, unless a person has given it a third one. */
async function revertPriority(call: Call, { id, task_id, before, after }: GuardianAction): Promise<GuardianAction> {
  const { services, organization_id, actor } = call;
  const task = await openTask(call, task_id ?? id);
  const old = before.priority ?? task.priority;
  // An earlier try may have set it already.
  if (task.priority !== after?.priority && task.priority !== old)
    throw new AppError('conflict', `The priority of ${task.key} was changed since: it is ${task.priority}.`);
  if (task.priority !== old && isPriority(old)) await setTaskPriority(services, task, old);
  return services.store.guardianActions.reverted(organization_id, id, actor.email);
}

/** Lets a new task go on where the one ended that was cancelled. */
async function revertCancel(call: Call, { id, task_id }: GuardianAction): Promise<GuardianAction> {
  const { organization_id, actor } = call;
  const { store } = call.services;
  const { ticket_id, project_id } = await store.tasks.get(organization_id, task_id ?? id);
  const services = await call.door(project_id);
  await requireOpenTicket(call, ticket_id);
  const ticket = await store.tickets.get(organization_id, ticket_id);
  const { task, action } = await store.guardianActions.restoreTask(organization_id, id, {
    ...{ newId: call.newId('task'), by: actor.email },
  });
  await notifyTicket({ ...call, services }, ticket, task.id);
  return action;
}

/** @throws not_found for an action that was taken back before, or changed nothing. */
export async function revertGuardianAction(call: Call, id: string) {
  const { services, organization_id, actor } = call;
  requireAuthority(call);
  const action = await services.store.guardianActions.get(organization_id, id);
  if (action.status !== 'done') throw notFound('action that can be reverted');
  switch (action.kind) {
    case 'override_priority':
      return toActionView(await revertPriority(call, action));
    case 'cancel_task':
      return toActionView(await revertCancel(call, action));
    case 'reallocate': {
      const reverted = await services.store.guardianActions.revertCapacities(organization_id, id, actor.email);
      await agentsChanged(call);
      return toActionView(reverted);
    }
  }
}
