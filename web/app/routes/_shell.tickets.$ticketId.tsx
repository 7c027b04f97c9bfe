import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { getTicket } from '#server/contracts/tickets.ts';
import { apiFor } from '../lib/api.server.ts';

/** Redirects from a ticket's id to the board with the ticket open. */
export const loader = async (where: LoaderFunctionArgs) => {
  const ticket = await apiFor(where)(getTicket, { params: { id: where.params.ticketId ?? '' } });
  return redirect(`/board/${ticket.project_id}?of=tickets&open=${ticket.id}`);
};

export default function Elsewhere() {
  return null;
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
