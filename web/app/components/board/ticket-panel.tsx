import { useLocation, useNavigate } from '@remix-run/react';
import type { TicketDetails } from '../../lib/ticket-details.server.ts';
import { Dialog } from '../dialog.tsx';
import { TextLink } from '../text-link.tsx';
import { TicketBody } from '../ticket/body.tsx';

/** A ticket in a dialog over its board. The board's address contains the open ticket. */
export function TicketPanel({ details }: { details: TicketDetails }) {
  const { ticket } = details;
  const { search } = useLocation();
  const navigate = useNavigate();
  const close = () => {
    const query = new URLSearchParams(search);
    query.delete('open');
    navigate({ search: query.size > 0 ? `?${query}` : '' }, { preventScrollReset: true });
  };
  return (
    <Dialog open onClose={close} title={`${ticket.key} ${ticket.title}`} wide>
      <p className="mb-3 text-sm">
        <TextLink to={`/board/${ticket.project_id}/${ticket.id}`}>Gate, comments and history</TextLink>
      </p>
      <TicketBody details={details} />
    </Dialog>
  );
}
