import type { z } from 'zod';
import type { Task } from '#prisma/store/tasks.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Update } from '#workflows/contracts/message.ts';
import { cancelUpdate, recheckSignal, retryUpdate, setPriorityUpdate } from '#workflows/contracts/work.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Priority } from '#workflows/domain/tasks/states.ts';
import type { Services } from './services.ts';
import { signalWaitingTickets } from './signal-waiting.ts';

type Parts = Pick<Services, 'store' | 'workflows'>;

/** Sends an update. @returns false where the workflow has ended, or refuses it in its present state. */
export async function took<S extends z.ZodType, A extends z.ZodType>(
  { workflows }: Parts,
  id: string,
  update: Update<S, A>,
  input: z.input<S>,
): Promise<boolean> {
  try {
    await workflows.update(id, update, input);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return false;
    throw error;
  }
}

/** Asks a workflow to retry its failed steps. @returns false when no step has failed or the workflow has ended. */
export const requestRetry = <A extends z.ZodType>(
  parts: Parts,
  id: string,
  update: Update<typeof retryUpdate.schema, A>,
): Promise<boolean> => took(parts, id, update, {});

/**
 * Retries the failed tasks of a ticket, then its join or pull request, and the changes to a pull request that it makes.
 * @returns whether anything is retried.
 */
export async function retryTicketWork(
  parts: Parts,
  { id, spec_id, organization_id }: Pick<Ticket, 'id' | 'spec_id' | 'organization_id'>,
): Promise<boolean> {
  const { store } = parts;
  const failed = (await store.tasks.ofTicket(id)).filter((task) => task.status === 'failed');
  const subject = spec_id ? { spec_id } : { ticket_id: id };
  const { items: pulls } = await store.pullRequests.list(organization_id, subject, { limit: 1 });
  const workflows = [
    ...failed.map((task) => workflowId.task(task.id)),
    workflowId.ticket(id),
    ...pulls.map((pull) => workflowId.pullRequest(pull.id)),
  ];
  let any = false;
  for (const workflow of workflows) any = (await requestRetry(parts, workflow, retryUpdate)) || any;
  return any;
}

interface End {
  reason: string | undefined;
  by: string;
}

/** A running ticket is cancelled by its workflow. A ticket whose workflow does not run is cancelled in its record. */
export async function cancelTicketWork(parts: Parts, ticket: Ticket, { reason, by }: End) {
  const { store, workflows } = parts;
  const { id, organization_id, key } = ticket;
  const cancelWork = () => took(parts, workflowId.ticket(id), cancelUpdate, { reason, actor: by });
  const [pull] = (await store.pullRequests.list(organization_id, { ticket_id: id }, { limit: 1 })).items;
  if (pull?.state === 'open')
    throw new AppError(
      'conflict',
      `status: pull request #${pull.number} of ${key} is open. Close it, or cancel the tasks that are not wanted.`,
    );
  if (await cancelWork()) return { status: 'cancelling' };
  if (ticket.status === 'done' || ticket.status === 'cancelled')
    throw new AppError('conflict', `status: ${key} is ${ticket.status}, so there is nothing to cancel.`);
  await store.tickets.cancel(organization_id, id, { reason: `${reason ?? 'Cancelled'} (${by})`, by });
  for (const task of await store.tasks.ofTicket(id)) await signalWaitingTickets(parts, task);
  // Its workflow may have started meanwhile.
  await cancelWork();
  if (ticket.spec_id) await workflows.signalIfRunning(workflowId.spec(ticket.spec_id), recheckSignal, {});
  return { status: 'cancelled' };
}

/** A running task is ended by its workflow as cancelled. A task whose workflow does not run is ended in its record. */
export async function endTaskWork(
  parts: Parts,
  { id, organization_id, ticket_id }: Pick<Task, 'id' | 'organization_id' | 'ticket_id'>,
  status: 'cancelled' | 'failed',
  { reason, by }: End,
) {
  const { store, workflows } = parts;
  if (await took(parts, workflowId.task(id), cancelUpdate, { reason, actor: by })) return { status: 'cancelling' };
  const task = await store.tasks.move(organization_id, id, status, {
    patch: { error_message: reason ?? null },
    reason,
    by,
  });
  await workflows.signalIfRunning(workflowId.ticket(ticket_id), recheckSignal, {});
  await signalWaitingTickets(parts, task);
  return { status };
}

/** Gives a task that has not ended another priority, also where it waits for its slot. */
export async function setTaskPriority(
  parts: Parts,
  { id, organization_id }: Pick<Task, 'id' | 'organization_id'>,
  priority: Priority,
): Promise<void> {
  if (await took(parts, workflowId.task(id), setPriorityUpdate, { priority })) return;
  await parts.store.tasks.patch(organization_id, id, { priority });
}
