import { blockUpdate, moveUpdate, unblockUpdate } from '../contracts/work.ts';
import { unblockingStatuses } from '../domain/tasks/ticket-moves.ts';
import { records } from '../support/activities.ts';
import { handleUpdate } from '../support/handlers.ts';
import type { TicketRun } from './run.ts';

/** What people do with a ticket while it is at work. Its tasks that have not started wait while it is blocked. */
export function handleMoves(ticket: TicketRun): void {
  const unblocked = () => {
    ticket.dirty ||= ticket.blocked !== undefined;
    ticket.blocked = undefined;
  };
  handleUpdate(moveUpdate, {
    apply: async ({ actor: by = 'operator', ...to }) => {
      await records.moveTicket({ ...ticket.ref, ...to, by });
      if (unblockingStatuses.includes(to.to_status)) unblocked();
      return { status: to.to_status };
    },
  });
  handleUpdate(blockUpdate, {
    apply: async ({ actor: by = 'operator', kind, reason }) => {
      await records.blockTicket({ ...ticket.ref, kind, reason, by });
      ticket.blocked = reason;
      ticket.dirty = true;
      return { status: 'blocked' };
    },
  });
  handleUpdate(unblockUpdate, {
    apply: async ({ actor: by = 'operator', reason }) => {
      await records.unblockTicket({ ...ticket.ref, by, reason });
      unblocked();
      return { status: 'unblocked' };
    },
  });
}
