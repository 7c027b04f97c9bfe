import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Ticket } from '../generated/client.ts';
import type { Transaction } from './core.ts';

/** Nobody else moves or ends the ticket until the transaction ends. */
export async function lockTicket(tx: Transaction, organizationId: string, id: string): Promise<Ticket> {
  await tx.$queryRaw`SELECT 1 FROM tickets WHERE id = ${id}::uuid FOR UPDATE`;
  const ticket = await tx.ticket.findFirst({ where: { id, organization_id: organizationId } });
  if (!ticket) throw notFound('ticket');
  return ticket;
}

/** Locks two tickets, always in the same order. @throws invalid_rule unless they are two of one project. */
export async function lockPair(tx: Transaction, organizationId: string, id: string, other: string, field: string) {
  if (id === other) throw new AppError('invalid_rule', `${field}: names the ticket itself. Name another one.`);
  const first = await lockTicket(tx, organizationId, id < other ? id : other);
  const second = await lockTicket(tx, organizationId, id < other ? other : id);
  const [ticket, named] = id < other ? [first, second] : [second, first];
  if (ticket.project_id !== named.project_id)
    throw new AppError('invalid_rule', `${field}: ${named.key} is of another project. Name a ticket of the same one.`);
  return [ticket, named] as const;
}

/** Whoever else takes the lock of the project waits until the transaction ends. Rows that refer to it can be written. */
export const lockProject = (tx: Transaction, id: string) =>
  tx.$queryRaw`SELECT 1 FROM projects WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
