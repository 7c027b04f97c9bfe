import { notFound } from '#workflows/domain/errors.ts';
import type { Ticket } from '../generated/client.ts';
import type { Transaction } from './core.ts';

/** Nobody else moves or ends the ticket until the transaction ends. */
export async function lockTicket(tx: Transaction, organizationId: string, id: string): Promise<Ticket> {
  await tx.$queryRaw`SELECT 1 FROM tickets WHERE id = ${id}::uuid FOR UPDATE`;
  const ticket = await tx.ticket.findFirst({ where: { id, organization_id: organizationId } });
  if (!ticket) throw notFound('ticket');
  return ticket;
}

/** Whoever else takes the lock of the project waits until the transaction ends. Rows that refer to it can be written. */
export const lockProject = (tx: Transaction, id: string) =>
  tx.$queryRaw`SELECT 1 FROM projects WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
