import { useState, type ReactNode } from 'react';
import type { Item } from '#server/contracts/client.ts';
import { listTickets } from '#server/contracts/tickets.ts';
import { asApiError, call } from '../../lib/browser-api.ts';
import { StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { TextInput } from '../field.tsx';

type Found = Pick<Item<typeof listTickets>, 'id' | 'key' | 'title' | 'status' | 'spec_id'>;

/** Finds tickets of a project by their words. */
export function FindTickets({
  projectId,
  label,
  because,
  without,
  action,
}: {
  projectId: string;
  /** Names the field. */ label: string;
  /** Why nothing can be looked for. */ because?: string;
  /** Those that are not offered. */ without: (ticket: Found) => boolean;
  /** What is done with one that was found. */ action: (ticket: Found) => ReactNode;
}) {
  const [found, setFound] = useState<Found[]>();
  const [failed, setFailed] = useState<ReturnType<typeof asApiError>>();
  const offered = found?.filter((ticket) => !without(ticket));
  const look = async (search: string) => {
    setFailed(undefined);
    try {
      setFound((await call(listTickets, { query: { project_id: projectId, search, limit: 10 } })).items);
    } catch (error) {
      setFailed(asApiError(error));
    }
  };
  return (
    <>
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
          aria-label={label}
          placeholder="Find a ticket by its words"
          disabled={because !== undefined}
        />
        <Button type="submit" size="sm" because={because}>
          Find
        </Button>
      </form>
      {offered && (
        <ul className="space-y-2" aria-label="Tickets found">
          {offered.length === 0 && <li className="text-muted">No other ticket of the project is like this.</li>}
          {offered.map((ticket) => (
            <li key={ticket.id} className="flex items-center gap-2">
              <span className="min-w-0 flex-1 break-words">
                {ticket.key} {ticket.title}
              </span>
              <StatusBadge status={ticket.status} />
              {action(ticket)}
            </li>
          ))}
        </ul>
      )}
      <CommandError error={failed} />
    </>
  );
}
