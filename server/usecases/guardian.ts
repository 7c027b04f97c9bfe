import { endTaskWork, setTaskPriority } from '#activities/ports/act-on-ticket.ts';
import type { GuardianAction } from '#prisma/store/guardian-actions.ts';
import type { Task } from '#prisma/store/tasks.ts';
import { authority } from '#workflows/domain/agents/agent.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { finishedTask, priorities, type Priority } from '#workflows/domain/tasks/states.ts';
import type { ActionKind, ActionState } from '#workflows/domain/watch/actions.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/guardian.ts';
import type { Call } from '../http/context.ts';
import { authorityOf } from './agent-views.ts';
import { agentOf, agentsChanged } from './agents.ts';
import { notifyTicket, payForTicket, requireOpenTicket } from './tickets.ts';
import { at, iso, toPageView } from './views.ts';

/** An action that has not come to its end after so long is no longer at work. */
const underWayMs = 60_000;

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

/**
 * Stores an action, does it, and stores its end. A repeated request finds the action that it stored before, and brings
 * it to its end where the first one could not.
 * @param states what is before and after the action. @throws conflict where it would change nothing.
 * @param work what may be repeated.
 */
async function act(
  call: Call,
  { task_id, reason }: { task_id: string; reason: string },
  kind: ActionKind,
  states: (task: Task) => { before: ActionState; after: ActionState },
  work: (task: Task) => Promise<unknown>,
) {
  const { guardianActions, tasks } = call.services.store;
  const action = newAction(call, reason);
  const known = await guardianActions.find(call.organization_id, action.id);
  const task = known ? await tasks.get(call.organization_id, task_id) : await openTask(call, task_id);
  const opened =
    known ?? (await guardianActions.open({ ...action, project_id: task.project_id, task_id, kind, ...states(task) }));
  if (opened.status !== 'started') return toActionView(opened);
  try {
    if (!hasEffect(opened, task)) await work(task);
  } catch (error) {
    if (error instanceof AppError) await guardianActions.end(action.id, error.message);
    throw error;
  }
  return toActionView(await guardianActions.end(action.id, null));
}

/** Whether a task is as an action was to leave it. */
const hasEffect = ({ after }: GuardianAction, { status, priority }: Task): boolean =>
  (after?.status ?? status) === status && (after?.priority ?? priority) === priority;

export async function guardianCancel(call: Call, input: Body<typeof contracts.guardianCancel>) {
  const states = ({ status }: Task) => ({ before: { status }, after: { status: 'cancelled' } });
  return act(call, input, 'cancel_task', states, (task) =>
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
  const states = (task: Task) => {
    if (task.priority === priority)
      throw new AppError('conflict', `The priority of ${task.key} is ${priority} already.`);
    return { before: { priority: task.priority }, after: { priority } };
  };
  return act(call, input, 'override_priority', states, (task) => setTaskPriority(call.services, task, priority));
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

/**
 * Lets a new task go on where the one ended that was cancelled. A repeated request tells the ticket of it again: the
 * first may have ended before it could.
 */
async function revertCancel(call: Call, { id, task_id, status, after }: GuardianAction): Promise<GuardianAction> {
  const { services, organization_id, actor } = call;
  const { store } = services;
  const newId = call.newId('task');
  if (status === 'reverted' && after?.replaced_by !== newId) throw notRevertible();
  const { ticket_id } = await store.tasks.get(organization_id, task_id ?? id);
  const ticket = await store.tickets.get(organization_id, ticket_id);
  if (status !== 'reverted') {
    await requireOpenTicket(call, ticket_id);
    // Before anything is stored: what cannot be paid for is not taken back.
    await payForTicket(call, ticket);
    await store.guardianActions.restoreTask(organization_id, id, { newId, by: actor.email });
  }
  await notifyTicket(call, ticket, newId);
  return store.guardianActions.get(organization_id, id);
}

const notRevertible = () => notFound('action that can be reverted');

/** @throws conflict while the call that acts may still be at work: what it does next would undo the reversal. */
function requireSettled({ status, created_at }: GuardianAction): void {
  if (status === 'started' && Date.now() - created_at.getTime() < underWayMs)
    throw new AppError('conflict', 'The action is still under way. Try again in a minute.', undefined, 60);
}

/**
 * Takes an action back. One whose call never came to its end is taken back too, as far as it had an effect.
 * @throws not_found for an action that was taken back before, or changed nothing.
 */
export async function revertGuardianAction(call: Call, id: string) {
  const { services, organization_id, actor } = call;
  requireAuthority(call);
  const action = await services.store.guardianActions.get(organization_id, id);
  requireSettled(action);
  if (action.kind === 'cancel_task' && action.status !== 'failed')
    return toActionView(await revertCancel(call, action));
  if (action.status === 'failed' || action.status === 'reverted') throw notRevertible();
  if (action.kind === 'override_priority') return toActionView(await revertPriority(call, action));
  const reverted = await services.store.guardianActions.revertCapacities(organization_id, id, actor.email);
  await agentsChanged(call);
  return toActionView(reverted);
}
