import { mayMove } from '#workflows/domain/transitions.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { moveTask } from './tasks.ts';
import { lockTicket } from './row-locks.ts';
import { advanceTicket, moveTicket } from './ticket-moves.ts';
import type { Ticket } from './tickets.ts';

interface End {
  reason: string;
  by: string;
}

/** Statuses of tasks that have not started: nothing else ends them when their ticket ends. */
export const unstarted = ['pending', 'needs_revision'];

async function dropUnstarted(tx: Transaction, emit: Emit, ticket: Ticket, end: End): Promise<{ key: string }[]> {
  const tasks = await tx.task.findMany({ where: { ticket_id: ticket.id, status: { in: unstarted } } });
  for (const { id } of tasks) await moveTask(tx, emit, ticket.organization_id, id, 'cancelled', end);
  return tasks;
}

/** Cancels the tasks of a ticket that have not started, and its open discoveries. @returns these tasks. */
export async function endOpenWork(tx: Transaction, emit: Emit, ticket: Ticket, end: End): Promise<{ key: string }[]> {
  const dropped = await dropUnstarted(tx, emit, ticket, end);
  const { id: ticket_id, organization_id } = ticket;
  const discoveries = await tx.discovery.findMany({
    where: { ticket_id, resolution_status: { in: ['open', 'in_progress'] } },
  });
  for (const { id, project_id } of discoveries) {
    await tx.discovery.update({ where: { id }, data: { resolution_status: 'invalid', resolved_at: new Date() } });
    emit({
      ...{ type: 'discovery.resolved', organization_id, project_id, entity: { kind: 'discovery', id } },
      data: { discovery_id: id, ticket_id, resolution_status: 'invalid', by: end.by },
    });
  }
  return dropped;
}

export const ticketEnds = (core: StoreCore) => ({
  /**
   * Cancels a ticket, its tasks that have not started, and its open discoveries, in one transaction. A ticket that is
   * done does not change. A repeated call cancels what was added meanwhile.
   */
  cancel: (organizationId: string, id: string, end: End): Promise<Ticket> =>
    core.change(async (tx, emit) => {
      const ticket = await lockTicket(tx, organizationId, id);
      const known = ticket.status === 'cancelled';
      if (!mayMove('ticket', ticket.status, 'cancelled')) return ticket;
      const row = known
        ? ticket
        : await moveTicket(tx, emit, ticket, { status: 'cancelled', last_error: end.reason }, end.by);
      await endOpenWork(tx, emit, ticket, end);
      return row;
    }),
  /** Cancels the tasks of an ended ticket that have not started: its workflow may end without having seen the newest. */
  dropUnstarted: (organizationId: string, id: string, end: End): Promise<void> =>
    core.change(async (tx, emit) => {
      const ticket = await lockTicket(tx, organizationId, id);
      if (['done', 'cancelled'].includes(ticket.status)) await dropUnstarted(tx, emit, ticket, end);
    }),
  /** Ends the tickets that a spec was started from, once its work is merged. A ticket with tasks of its own stays. */
  endPlanned: (organizationId: string, specId: string, by: string): Promise<void> =>
    core.change(async (tx, emit) => {
      const planned = await tx.ticket.findMany({
        where: {
          ...{ organization_id: organizationId, workflow_mode: 'spec_driven', status: 'analyzing', spec_id: null },
          ...{ linked: { some: { spec_id: specId } }, tasks: { none: {} } },
        },
      });
      for (const { id } of planned) await advanceTicket(tx, emit, await lockTicket(tx, organizationId, id), 'done', by);
    }),
});
