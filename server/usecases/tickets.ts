import { workflowId } from '#workflows/contracts/ids.ts';
import { cancelUpdate, recheckSignal } from '#workflows/contracts/work.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type * as contracts from '../contracts/tickets.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { retryingOf } from './retrying.ts';
import { anyOf, toPageView, toTicketView, toListView } from './views.ts';

export async function listTickets({ services, organization_id }: Call, query: Query<typeof contracts.listTickets>) {
  const { project_id, spec_id, status, phase_id, priority } = query;
  return toPageView(
    await services.store.tickets.list(
      organization_id,
      { project_id, spec_id, status: anyOf(status), phase_id, priority },
      query,
      query.search,
    ),
    toTicketView,
  );
}

/** Creates a ticket. In quick mode it has one task, which starts at once. */
export async function createTicket(call: Call, input: Body<typeof contracts.createTicket>) {
  const id = call.newId('ticket');
  const { services, organization_id, actor } = call;
  const project = await services.store.projects.get(organization_id, input.project_id);
  const quick = input.workflow_mode === 'quick';
  const [embedding = []] = await services.embeddings.embed([`${input.title} ${input.description}`]);
  // Outside of quick mode a ticket with the same content is most often a mistake.
  if ((input.check_duplicates ?? !quick) && !input.force_create) {
    const alike = await services.store.tickets.similar(
      project.id,
      input.title,
      input.description,
      embedding,
      input.similarity_threshold ?? services.config.dedup.ticket,
    );
    const similar = alike.filter((row) => row.id !== id);
    if (similar.length > 0) {
      return {
        is_duplicate: true as const,
        message:
          'The project has similar open tickets. Nothing was created; send force_create: true to create it anyway.',
        candidates: similar.map((row) => ({
          ticket_id: row.id,
          title: row.title,
          description: row.description,
          status: row.status,
          similarity_score: Number(row.similarity_score),
        })),
        highest_similarity: Number(similar[0]?.similarity_score ?? 0),
      };
    }
  }
  const { ticket, task } = await services.store.tickets.create(
    {
      id,
      organization_id,
      project_id: project.id,
      user_id: actor.user_id,
      title: input.title,
      description: input.description,
      priority: input.priority,
      status: 'backlog',
      phase_id: input.phase_id ?? (quick ? 'PHASE_IMPLEMENTATION' : 'PHASE_BACKLOG'),
      workflow_mode: input.workflow_mode,
      embedding,
    },
    quick
      ? { task_type: 'implement_feature', criteria: input.criteria ?? [], execution_config: { force_execute: true } }
      : undefined,
  );
  if (input.budget_usd)
    await services.store.budgets.set({
      organization_id,
      scope: { type: 'ticket', id: ticket.id },
      limit_micros: Math.round(input.budget_usd * 1e6),
      project_id: project.id,
    });
  if (quick)
    await services.workflows.startTicket({
      ticket_id: ticket.id,
      organization_id,
      project_id: project.id,
      spec_id: null,
    });
  return { ...toTicketView(ticket), task_id: task?.id ?? null };
}

export async function getTicket({ services, organization_id }: Call, id: string) {
  const ticket = await services.store.tickets.get(organization_id, id);
  return { ...toTicketView(ticket), retrying: await retryingOf(services, workflowId.ticket(ticket.id), ticket) };
}

/** A running ticket is cancelled by its workflow. A ticket whose workflow does not run is cancelled in its record. */
export async function cancelTicket(call: Call, id: string, reason: string | undefined) {
  const { services, organization_id, actor } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  const cancelWork = async () => {
    try {
      await services.workflows.update(workflowId.ticket(id), cancelUpdate, { reason, actor: actor.email });
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return false;
      throw error;
    }
  };
  if (await cancelWork()) return { status: 'cancelling' };
  if (ticket.status === 'done' || ticket.status === 'cancelled')
    throw new AppError('conflict', `status: ${ticket.key} is ${ticket.status}, so there is nothing to cancel.`);
  const [pull] = (await services.store.pullRequests.list(organization_id, { ticket_id: id }, { limit: 1 })).items;
  if (pull?.state === 'open')
    throw new AppError(
      'conflict',
      `status: the work on ${ticket.key} has ended in pull request #${pull.number}. Close the pull request first.`,
    );
  await services.store.tickets.cancel(organization_id, id, {
    reason: `${reason ?? 'Cancelled'} (${actor.email})`,
    by: actor.email,
  });
  for (const task of await services.store.tasks.ofTicket(id)) await recheckWaitingTickets(call, task);
  // Its workflow may have started meanwhile.
  await cancelWork();
  if (ticket.spec_id) await services.workflows.signalIfRunning(workflowId.spec(ticket.spec_id), recheckSignal, {});
  return { status: 'cancelled' };
}

export async function ticketMerges({ services, organization_id }: Call, id: string) {
  return toListView(await services.store.merges.list(organization_id, { ticket_id: id }), (merge) => ({
    ...merge,
    created_at: merge.created_at.toISOString(),
    ended_at: merge.ended_at?.toISOString() ?? null,
  }));
}

/** @throws conflict when work that is added to the ticket could reach no branch any more. */
export async function requireOpenTicket({ services, organization_id }: Call, id: string): Promise<void> {
  const ticket = await services.store.tickets.get(organization_id, id);
  const instead = 'Create a new ticket for the work.';
  if (ticket.status === 'cancelled')
    throw new AppError('conflict', `ticket_id: ${ticket.key} is cancelled, so it takes no more tasks. ${instead}`);
  const subject = ticket.spec_id ? { spec_id: ticket.spec_id } : { ticket_id: id };
  const [pull] = (await services.store.pullRequests.list(organization_id, subject, { limit: 1 })).items;
  if (pull && pull.state !== 'open')
    throw new AppError(
      'conflict',
      `ticket_id: pull request #${pull.number} of ${ticket.key} is ${pull.state}, so it takes no more tasks. ${instead}`,
    );
}

/**
 * Signals new work to the ticket's workflow and starts it where it does not run. It is a signal because a workflow
 * accepts at most ten updates at a time.
 */
export async function notifyTicket(
  { services, organization_id }: Call,
  ticket: { id: string; project_id: string; spec_id: string | null },
): Promise<void> {
  const { workflows } = services;
  const start = () =>
    workflows.startTicket({
      ticket_id: ticket.id,
      organization_id,
      project_id: ticket.project_id,
      spec_id: ticket.spec_id,
    });
  if ((await start()) === 'started') return;
  try {
    await workflows.signal(workflowId.ticket(ticket.id), recheckSignal, {});
  } catch (error) {
    // The workflow ended meanwhile, without having seen the task.
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
    await start();
  }
}

/** Signals other tickets whose tasks wait for this one. */
export async function recheckWaitingTickets(call: Call, task: Task): Promise<void> {
  for (const ticketId of await call.services.store.tasks.ticketsWaitingFor(task)) await recheckTicket(call, ticketId);
}

/** Signals a running ticket to check its tasks again. A ticket that does not run checks them when it starts. */
export const recheckTicket = ({ services }: Call, ticketId: string) =>
  services.workflows.signalIfRunning(workflowId.ticket(ticketId), recheckSignal, {});
