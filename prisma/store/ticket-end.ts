import { mayMove } from '#workflows/domain/transitions.ts';
import type { StoreCore } from './core.ts';
import { moveTask } from './tasks.ts';
import { lockTicket } from './row-locks.ts';
import { moveTicket } from './ticket-moves.ts';
import type { Ticket } from './tickets.ts';

/** Statuses of tasks that have not started: nothing else ends them when their ticket ends. */
const unstarted = ['pending', 'needs_revision'];

export const ticketEnds = (core: StoreCore) => ({
  /**
   * Cancels a ticket, its tasks that have not started, and its open discoveries, in one transaction. A ticket that is
   * done does not change. A repeated call cancels what was added meanwhile.
   */
  cancel: (organizationId: string, id: string, end: { reason: string; by: string }): Promise<Ticket> =>
    core.change(async (tx, emit) => {
      const ticket = await lockTicket(tx, organizationId, id);
      const known = ticket.status === 'cancelled';
      if (!mayMove('ticket', ticket.status, 'cancelled')) return ticket;
      const row = known
        ? ticket
        : await moveTicket(tx, emit, ticket, { status: 'cancelled', last_error: end.reason }, end.by);
      const tasks = await tx.task.findMany({ where: { ticket_id: id, status: { in: unstarted } } });
      for (const task of tasks) await moveTask(tx, emit, organizationId, task.id, 'cancelled', end);
      const discoveries = await tx.discovery.findMany({
        where: { ticket_id: id, resolution_status: { in: ['open', 'in_progress'] } },
      });
      for (const discovery of discoveries) {
        await tx.discovery.update({
          where: { id: discovery.id },
          data: { resolution_status: 'invalid', resolved_at: new Date() },
        });
        emit({
          type: 'discovery.resolved',
          organization_id: organizationId,
          project_id: discovery.project_id,
          entity: { kind: 'discovery', id: discovery.id },
          data: { discovery_id: discovery.id, ticket_id: id, resolution_status: 'invalid', by: end.by },
        });
      }
      return row;
    }),
});
