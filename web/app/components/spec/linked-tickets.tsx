import { X } from 'lucide-react';
import { useState } from 'react';
import type { Item } from '#server/contracts/client.ts';
import { linkTickets, unlinkTickets, type listLinkedTickets } from '#server/contracts/spec-life.ts';
import { listTickets } from '#server/contracts/tickets.ts';
import { asApiError, call } from '../../lib/browser-api.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { TextInput } from '../field.tsx';
import { TextLink } from '../text-link.tsx';

type Ticket = Pick<Item<typeof listLinkedTickets>, 'id' | 'key' | 'title' | 'status'>;

/** Tickets that belong to a spec without being planned by it. */
export function LinkedTickets({ spec, tickets }: { spec: { id: string; project_id: string }; tickets: Ticket[] }) {
  const lacks = useLacks('document:write');
  const link = useCommand(linkTickets);
  const unlink = useCommand(unlinkTickets);
  const [found, setFound] = useState<Ticket[]>();
  const [failed, setFailed] = useState<ReturnType<typeof asApiError>>();
  const params = { id: spec.id };
  const look = async (search: string) => {
    setFailed(undefined);
    try {
      const { items } = await call(listTickets, { query: { project_id: spec.project_id, search, limit: 10 } });
      setFound(items.filter(({ id, spec_id: of }) => of !== spec.id && tickets.every((one) => one.id !== id)));
    } catch (error) {
      setFailed(asApiError(error));
    }
  };
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
        <form
          role="search"
          className="flex gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void look(new FormData(event.currentTarget).get('search')?.toString().trim() ?? '');
          }}
        >
          <TextInput
            name="search"
            aria-label="Ticket to link"
            placeholder="Find a ticket by its words"
            disabled={Boolean(lacks)}
          />
          <Button type="submit" size="sm" because={lacks}>
            Find
          </Button>
        </form>
        {found && (
          <ul className="space-y-2" aria-label="Tickets found">
            {found.length === 0 && <li className="text-muted">No other ticket of the project is like this.</li>}
            {found.map((ticket) => (
              <li key={ticket.id} className="flex items-center gap-2">
                <span className="min-w-0 flex-1 break-words">
                  {ticket.key} {ticket.title}
                </span>
                <Button
                  size="sm"
                  busy={link.busy}
                  aria-label={`Link ${ticket.key}`}
                  onClick={() =>
                    void link
                      .run({ params, body: { ticket_ids: [ticket.id] } })
                      .then((done) => done && setFound(found.filter(({ id }) => id !== ticket.id)))
                  }
                >
                  Link
                </Button>
              </li>
            ))}
          </ul>
        )}
        <CommandError error={failed ?? link.error ?? unlink.error} />
      </div>
    </Card>
  );
}
