import { useNavigate } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { listRuns } from '#server/contracts/runs.ts';
import { call } from '../../lib/browser-api.ts';
import { useEvents } from '../../lib/live.tsx';
import type { Launched } from '../../lib/launch.server.ts';

/** How long a run may take to start before the page says that it is late, in milliseconds. */
const patience = 60_000;

type Awaited = { state: 'idle' | 'waiting' | 'late'; message?: string };

/** After a launch: opens the spec, or the ticket's run as soon as there is one. */
export function useLaunched(launched: Launched | null): Awaited {
  const navigate = useNavigate();
  const ticketId = launched?.kind === 'ticket' ? launched.ticket_id : undefined;
  const spec = launched?.kind === 'spec' ? `/projects/${launched.project_id}/specs/${launched.spec_id}` : undefined;
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (spec) navigate(spec);
  }, [spec, navigate]);
  useEffect(() => {
    if (!ticketId) return;
    setLate(false);
    void call(listRuns, { query: { ticket_id: ticketId, limit: 1 } }).then(
      ({ items: [run] }) => run && navigate(`/runs/${run.id}`),
      () => undefined,
    );
    const timer = setTimeout(() => setLate(true), patience);
    return () => clearTimeout(timer);
  }, [ticketId, navigate]);
  useEvents(({ type, data }) => {
    if (ticketId && type === 'run.created' && data.ticket_id === ticketId) navigate(`/runs/${String(data.run_id)}`);
  });
  if (spec) return { state: 'waiting' };
  if (!ticketId) return { state: 'idle' };
  return late
    ? {
        state: 'late',
        message:
          'The ticket was created, but its run has not started after a minute. It may be waiting for a free slot: see the board.',
      }
    : { state: 'waiting', message: 'Ticket created. Waiting for its sandbox ...' };
}
