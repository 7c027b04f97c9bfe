import { useState } from 'react';
import { approveTicket, rejectTicket } from '#server/contracts/approvals.ts';
import { blockTicket, transitionTicket, unblockTicket } from '#server/contracts/ticket-life.ts';
import type { TicketDetails } from '../../lib/ticket-details.server.ts';
import { statusOf } from '../../lib/status.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { TextInput } from '../field.tsx';
import { Exact } from '../time.tsx';

/** What a person may do with a ticket on its way: the moves that are allowed now, a block, or the decision it waits for. */
export function TicketMoves({ ticket }: { ticket: TicketDetails['ticket'] }) {
  const lacks = useLacks('ticket:write');
  const [why, setWhy] = useState('');
  const [transition, block, unblock, approve, reject] = [
    useCommand(transitionTicket),
    useCommand(blockTicket),
    useCommand(unblockTicket),
    useCommand(approveTicket),
    useCommand(rejectTicket),
  ];
  const params = { id: ticket.id };
  const reason = why.trim() || undefined;
  const busy = [transition, block, unblock, approve, reject].some((command) => command.busy);
  const moves = ticket.allowed_statuses.filter((status) => status !== 'cancelled');
  const waits = ticket.status === 'pending_review';
  if (ticket.allowed_statuses.length === 0) return null;
  const done = (answer: unknown) => answer !== undefined && setWhy('');
  return (
    <section aria-label="Moves" className="space-y-2">
      {waits && ticket.approval_deadline_at && (
        <p className="text-sm">
          It waits for approval until <Exact at={ticket.approval_deadline_at} />. Nothing of it runs before.
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <TextInput
          aria-label="Reason"
          placeholder="Reason"
          maxLength={2000}
          value={why}
          onChange={(event) => setWhy(event.target.value)}
          className="!h-8 !w-48"
        />
        {waits && (
          <>
            <Button
              size="sm"
              look="primary"
              busy={busy}
              because={lacks}
              onClick={() => void approve.run({ body: { ticket_id: ticket.id, reason } }).then(done)}
            >
              Approve
            </Button>
            <Button
              size="sm"
              busy={busy}
              because={lacks ?? (reason ? undefined : 'Write the reason first.')}
              onClick={() =>
                void reject.run({ body: { ticket_id: ticket.id, rejection_reason: reason ?? '' } }).then(done)
              }
            >
              Reject
            </Button>
          </>
        )}
        {moves.map((to_status) => (
          <Button
            key={to_status}
            size="sm"
            busy={busy}
            because={lacks}
            onClick={() => void transition.run({ params, body: { to_status, reason } }).then(done)}
          >
            Move to {statusOf(to_status).label}
          </Button>
        ))}
        {ticket.is_blocked ? (
          <Button
            size="sm"
            busy={busy}
            because={lacks}
            onClick={() => void unblock.run({ params, body: { reason } }).then(done)}
          >
            Unblock
          </Button>
        ) : (
          !waits && (
            <Button
              size="sm"
              busy={busy}
              because={lacks ?? (reason ? undefined : 'Write the reason first.')}
              onClick={() => void block.run({ params, body: { reason: reason ?? '' } }).then(done)}
            >
              Block
            </Button>
          )
        )}
      </div>
      <CommandError error={transition.error ?? block.error ?? unblock.error ?? approve.error ?? reject.error} />
    </section>
  );
}
