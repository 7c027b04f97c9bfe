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
