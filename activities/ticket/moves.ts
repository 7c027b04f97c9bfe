import type { WantedMove } from '#prisma/store/ticket-moves.ts';
import type { ApprovalDecision } from '#prisma/store/ticket-approvals.ts';
import { decideTicket } from '../ports/approve-ticket.ts';
import type { BlockingFound } from '#prisma/store/ticket-blocking.ts';
import type { Services } from '../ports/services.ts';

type OfTicket = { organization_id: string; ticket_id: string };

/** What people do with a ticket whose workflow runs. */
export const createTicketMoves = ({ store, workflows }: Pick<Services, 'store' | 'workflows'>) => ({
  decideTicket: ({
    organization_id,
    ticket_id,
    ...decision
  }: OfTicket & Omit<ApprovalDecision, 'project_id' | 'remove'>) =>
    decideTicket({ store, workflows }, organization_id, ticket_id, decision),
  moveTicket: async ({ organization_id, ticket_id, ...to }: OfTicket & WantedMove): Promise<void> => {
    await store.tickets.move(organization_id, ticket_id, to);
  },
  blockTicket: async (
    input: OfTicket & { kind: string; reason: string; by: string },
  ): Promise<{ changed: boolean }> => {
    const { organization_id, ticket_id, ...block } = input;
    return { changed: (await store.tickets.block(organization_id, ticket_id, block)).changed };
  },
  findBlocking: ({
    organization_id,
    ticket_id,
    after_seconds,
  }: OfTicket & { after_seconds: number }): Promise<BlockingFound> =>
    store.tickets.findBlocking(organization_id, ticket_id, { after_seconds }),
  unblockTicket: async (input: OfTicket & { by: string; reason?: string; only?: string }): Promise<void> => {
    const { organization_id, ticket_id, by, reason, only } = input;
    await store.tickets.unblock(organization_id, ticket_id, by, reason, only);
  },
});
