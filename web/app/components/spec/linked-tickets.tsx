import { X } from 'lucide-react';
import type { Item } from '#server/contracts/client.ts';
import { linkTickets, unlinkTickets, type listLinkedTickets } from '#server/contracts/spec-life.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { TextLink } from '../text-link.tsx';
import { FindTickets } from '../ticket/find-tickets.tsx';

type Ticket = Pick<Item<typeof listLinkedTickets>, 'id' | 'key' | 'title' | 'status'>;

/** Tickets that belong to a spec without being planned by it. */
export function LinkedTickets({ spec, tickets }: { spec: { id: string; project_id: string }; tickets: Ticket[] }) {
  const lacks = useLacks('document:write');
  const link = useCommand(linkTickets);
  const unlink = useCommand(unlinkTickets);
  const params = { id: spec.id };
  return (
    <Card title="Linked tickets">
      <div className="space-y-3 text-sm">
        {tickets.length > 0 && (
          <ul className="space-y-2">
            {tickets.map((ticket) => (
              <li key={ticket.id} className="flex items-center gap-2">
                <span className="min-w-0 flex-1 break-words">
                  <TextLink to={`/tickets/${ticket.id}`}>{ticket.key}</TextLink> {ticket.title}
                </span>
                <StatusBadge status={ticket.status} />
                <Button
                  size="sm"
                  busy={unlink.busy}
                  because={lacks}
                  aria-label={`Unlink ${ticket.key}`}
                  onClick={() => void unlink.run({ params, body: { ticket_ids: [ticket.id] } })}
                >
                  <X aria-hidden className="size-3.5" />
                </Button>
              </li>
            ))}
          </ul>
        )}
        <FindTickets
          projectId={spec.project_id}
          label="Ticket to link"
          because={lacks}
          without={({ id, spec_id: of }) => of === spec.id || tickets.some((one) => one.id === id)}
          action={({ id, key }) => (
            <Button
              size="sm"
              busy={link.busy}
              aria-label={`Link ${key}`}
              onClick={() => void link.run({ params, body: { ticket_ids: [id] } })}
            >
              Link
            </Button>
          )}
        />
        <CommandError error={link.error ?? unlink.error} />
      </div>
    </Card>
  );
}
