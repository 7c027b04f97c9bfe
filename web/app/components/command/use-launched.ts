import { useNavigate } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { listRuns } from '#server/contracts/runs.ts';
import { listTasks } from '#server/contracts/tasks.ts';
import { getTicket } from '#server/contracts/tickets.ts';
import { call } from '../../lib/browser-api.ts';
import type { Launched } from '../../lib/launch.server.ts';
import { useEvents } from '../../lib/live.tsx';

/** After this time the wait for a run is late, in milliseconds. Why it waits is read so often meanwhile. */
const patience = 60_000;
const readEvery = 4000;

type Awaited = { state: 'idle' | 'waiting' | 'late'; message?: string };

/** Why the work of a new ticket has not begun, as its records say it. */
async function whyItWaits(ticketId: string): Promise<string | undefined> {
  const [{ items }, ticket] = await Promise.all([
    call(listTasks, { query: { ticket_id: ticketId, limit: 1 } }),
    call(getTicket, { params: { id: ticketId } }),
  ]);
  if (ticket.approval_status === 'pending_review') return 'The ticket waits for its approval.';
  return items[0]?.waiting_reason ?? ticket.retrying?.error ?? ticket.last_error ?? undefined;
}

/** After a launch: opens the spec, or the ticket's run as soon as there is one. Until then it says why it waits. */
export function useLaunched(launched: Launched | null): Awaited {
  const navigate = useNavigate();
  const ticketId = launched?.kind === 'ticket' ? launched.ticket_id : undefined;
  const spec = launched?.kind === 'spec' ? `/projects/${launched.project_id}/specs/${launched.spec_id}` : undefined;
  const [late, setLate] = useState(false);
  const [reason, setReason] = useState<string>();
  useEffect(() => {
    if (spec) navigate(spec);
  }, [spec, navigate]);
  useEffect(() => {
    if (!ticketId) return;
    setLate(false);
    setReason(undefined);
    const open = () =>
      call(listRuns, { query: { ticket_id: ticketId, limit: 1 } }).then(
        ({ items: [run] }) => run && navigate(`/runs/${run.id}`),
        () => undefined,
      );
    void open();
    const reading = setInterval(() => {
      void open();
      whyItWaits(ticketId).then(setReason, () => undefined);
    }, readEvery);
    const timer = setTimeout(() => setLate(true), patience);
    return () => {
      clearTimeout(timer);
      clearInterval(reading);
    };
  }, [ticketId, navigate]);
  useEvents(({ type, data }) => {
    if (ticketId && type === 'run.created' && data.ticket_id === ticketId) navigate(`/runs/${String(data.run_id)}`);
  });
  if (spec) return { state: 'waiting' };
  if (!ticketId) return { state: 'idle' };
  const why = reason ?? 'It waits for its sandbox.';
  return late
    ? {
        state: 'late',
        message: `The ticket was created, but its run has not begun after a minute. ${why} See the board.`,
      }
    : { state: 'waiting', message: `Ticket created. ${why}` };
}
