import type { TicketComment } from '#prisma/store/ticket-comments.ts';
import type { Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/ticket-comments.ts';
import type { Call } from '../http/context.ts';
import { mayChangeSafety } from './safety.ts';
import { at, iso, toPageView } from './views.ts';

const view = ({ id, ticket_id, author, text, mentions, created_at, edited_at }: TicketComment) => ({
  ...{ id, ticket_id, author, text, mentions },
  created_at: at(created_at),
  edited_at: iso(edited_at),
});

export async function listComments(
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.listComments>,
) {
  return toPageView(await services.store.tickets.comments(organization_id, id, page), view);
}

export async function addComment({ services, organization_id, actor, newId }: Call, ticketId: string, text: string) {
  const input = { id: newId('comment'), text, by: actor };
  return view(await services.store.tickets.addComment(organization_id, ticketId, input));
}

interface Which {
  id: string;
  comment: string;
}

export async function editComment({ services, organization_id, actor }: Call, { id, comment }: Which, text: string) {
  return view(await services.store.tickets.editComment(organization_id, id, comment, { text, by: actor }));
}

export async function removeComment(call: Call, { id, comment }: Which): Promise<undefined> {
  const { services, organization_id, actor } = call;
  const any = mayChangeSafety(call);
  await services.store.tickets.removeComment(organization_id, id, comment, { by: actor, any });
}
