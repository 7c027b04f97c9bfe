import { findCycle } from '#workflows/domain/tasks/graph.ts';
import { nextStatuses } from '#workflows/domain/transitions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Ticket } from '../generated/client.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { lockPair, lockProject, lockTicket } from './row-locks.ts';

/** @throws invalid_rule when the tickets of a project would wait for each other. */
export async function requireNoCycle(tx: Transaction, projectId: string, remedy: string): Promise<void> {
  const waits = await tx.ticket.findMany({ where: { project_id: projectId, blocked_by: { isEmpty: false } } });
  const cycle = findCycle(Object.fromEntries(waits.map((one) => [one.id, one.blocked_by])));
  if (!cycle) return;
  const keys = cycle.map((id) => waits.find((one) => one.id === id)?.key ?? id).join(' -> ');
  throw new AppError('invalid_rule', `These tickets would wait for each other: ${keys}. ${remedy}`);
}

/** The tickets that have not ended, of those that the tickets of these tasks wait for. */
export async function openTickets(db: Transaction, rows: { ticket: { blocked_by: string[] } }[]) {
  const ids = [...new Set(rows.flatMap(({ ticket }) => ticket.blocked_by))];
  if (ids.length === 0) return [];
  return db.ticket.findMany({
    where: { id: { in: ids }, status: { notIn: ['done', 'cancelled'] } },
    select: { id: true, key: true },
  });
}

async function write(tx: Transaction, emit: Emit, ticket: Ticket, blocked_by: string[]): Promise<Ticket> {
  const row = await tx.ticket.update({ where: { id: ticket.id }, data: { blocked_by, updated_at: new Date() } });
  const { id, organization_id, project_id, title, is_blocked, blocked_reason } = row;
  emit({
    ...{ type: 'ticket.updated', organization_id, project_id, entity: { kind: 'ticket', id } },
    data: { ticket_id: id, title, is_blocked, blocked_reason },
  });
  return row;
}

/** What tickets of no spec wait for. Those of a spec follow its plan. */
export function ticketDependencies(core: StoreCore) {
  return {
    /** Repeated, it changes nothing. @throws invalid_rule for a ticket that cannot wait, or a cycle. */
    addDependency: (organizationId: string, id: string, other: string): Promise<Ticket> =>
      core.change(async (tx, emit) => {
        const [ticket, named] = await lockPair(tx, organizationId, id, other, 'depends_on');
        if (ticket.blocked_by.includes(named.id)) return ticket;
        if (ticket.spec_id)
          throw new AppError(
            'invalid_rule',
            `${ticket.key} belongs to a spec, whose plan says what it waits for. Add the dependency to its tasks: POST /tasks/{id}/dependencies.`,
          );
        if (nextStatuses('ticket', ticket.status).length === 0)
          throw new AppError('invalid_rule', `${ticket.key} is ${ticket.status}, so it waits for nothing any more.`);
        await lockProject(tx, ticket.project_id);
        const row = await write(tx, emit, ticket, [...ticket.blocked_by, named.id]);
        await requireNoCycle(tx, ticket.project_id, 'Remove one of these dependencies first.');
        return row;
      }),
    /** Repeated, it changes nothing. */
    removeDependency: (organizationId: string, id: string, other: string): Promise<Ticket> =>
      core.change(async (tx, emit) => {
        const ticket = await lockTicket(tx, organizationId, id);
        const rest = ticket.blocked_by.filter((one) => one !== other);
        if (rest.length === ticket.blocked_by.length) return ticket;
        if (ticket.spec_id)
          throw new AppError('invalid_rule', `${ticket.key} belongs to a spec, whose plan says what it waits for.`);
        return write(tx, emit, ticket, rest);
      }),
  };
}
