import { AppError, notFound } from '#workflows/domain/errors.ts';
import { mentionsIn } from '#workflows/domain/notifications/mentions.ts';
import type { Ticket, TicketComment } from '../generated/client.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { pageFromOldest, type PageQuery } from './page.ts';

export type { TicketComment } from '../generated/client.ts';

export interface Author {
  /** Empty for an agent. */
  user_id: string;
  email: string;
}

/** The longest text of an event: the comment itself has the rest. */
const eventText = 1000;

function tell(
  emit: Emit,
  type: 'ticket.comment_added' | 'ticket.comment_edited' | 'ticket.comment_removed',
  ticket: Ticket,
  comment: TicketComment,
  { by, told }: { by: Author; told: string[] },
) {
  const { id: ticket_id, organization_id, project_id, key, spec_id } = ticket;
  emit({
    type,
    organization_id,
    project_id,
    entity: { kind: 'ticket', id: ticket_id },
    data: {
      ticket_id,
      key,
      spec_id,
      comment_id: comment.id,
      by: by.email,
      text: comment.text.slice(0, eventText),
      mentioned: told,
    },
  });
}

/** @param told ids of the members whom it mentions. */
export async function writeComment(
  tx: Transaction,
  emit: Emit,
  ticket: Ticket,
  { id, text, by, told }: { id: string; text: string; by: Author; told: string[] },
): Promise<TicketComment> {
  const { organization_id, project_id, id: ticket_id } = ticket;
  const row = await tx.ticketComment.create({
    data: {
      id,
      text,
      mentions: told,
      organization_id,
      project_id,
      ticket_id,
      user_id: by.user_id || null,
      author: by.email,
    },
  });
  tell(emit, 'ticket.comment_added', ticket, row, { by, told });
  return row;
}

/** Comments on tickets. Whom they mention is told with the event, in the same transaction. */
export function ticketComments(core: StoreCore) {
  async function mentioned(tx: Transaction, organizationId: string, text: string, by: Author): Promise<string[]> {
    if (!text.includes('@')) return [];
    const members = await tx.membership.findMany({
      where: { organization_id: organizationId, user: { is_active: true } },
      select: { user: { select: { id: true, email: true } } },
    });
    const named = mentionsIn(
      text,
      members.flatMap(({ user }) => user ?? []),
    );
    return named.map(({ id }) => id).filter((id) => id !== by.user_id);
  }

  async function own(tx: Transaction, organizationId: string, ticketId: string, id: string) {
    await tx.$queryRaw`SELECT 1 FROM ticket_comments WHERE id = ${id}::uuid FOR UPDATE`;
    const row = await tx.ticketComment.findFirst({
      where: { id, ticket_id: ticketId, organization_id: organizationId },
      include: { ticket: true },
    });
    if (!row) throw notFound('comment');
    return row;
  }

  return {
    /** The oldest first. */
    comments: (organizationId: string, ticketId: string, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.ticketComment.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ticket_id: ticketId }, query.where] },
          }),
        ),
      ),

    /** The same id gives the same comment. */
    addComment: (organizationId: string, ticketId: string, input: { id: string; text: string; by: Author }) =>
      core.change(async (tx, emit) => {
        const { id, text, by } = input;
        const known = await tx.ticketComment.findFirst({ where: { id, organization_id: organizationId } });
        if (known) return known;
        const ticket = await tx.ticket.findFirst({ where: { id: ticketId, organization_id: organizationId } });
        if (!ticket) throw notFound('ticket');
        const told = await mentioned(tx, organizationId, text, by);
        return writeComment(tx, emit, ticket, { id, text, by, told });
      }),

    /** @throws forbidden for a comment of another person. */
    editComment: (organizationId: string, ticketId: string, id: string, { text, by }: { text: string; by: Author }) =>
      core.change(async (tx, emit) => {
        const { ticket, ...known } = await own(tx, organizationId, ticketId, id);
        if (known.user_id !== by.user_id)
          throw new AppError(
            'forbidden',
            `Only ${known.author}, who wrote the comment, can change it. Write your own.`,
          );
        if (known.text === text) return known;
        const mentions = await mentioned(tx, organizationId, text, by);
        const row = await tx.ticketComment.update({ where: { id }, data: { text, mentions, edited_at: new Date() } });
        const told = mentions.filter((one) => !known.mentions.includes(one));
        tell(emit, 'ticket.comment_edited', ticket, row, { by, told });
        return row;
      }),

    /** @param any also a comment of another person. @throws forbidden. */
    removeComment: (organizationId: string, ticketId: string, id: string, { by, any }: { by: Author; any: boolean }) =>
      core.change(async (tx, emit) => {
        const { ticket, ...known } = await own(tx, organizationId, ticketId, id);
        if (known.user_id !== by.user_id && !any)
          throw new AppError('forbidden', `Only ${known.author}, who wrote the comment, or an admin can delete it.`);
        await tx.ticketComment.delete({ where: { id } });
        tell(emit, 'ticket.comment_removed', ticket, known, { by, told: [] });
      }),
  };
}
