import { statusOf } from '../../lib/status.ts';
import type { TicketPage } from '../../lib/ticket-page.server.ts';
import { Badge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { Ago } from '../time.tsx';

/** The moves of a ticket, the newest first. */
export function TicketHistory({ page: { history, phases } }: { page: TicketPage }) {
  const nameOf = (id: string) => phases.find((phase) => phase.id === id)?.name ?? id;
  return (
    <Card title="History">
      {history.length === 0 && <p className="text-sm text-muted">It has not moved yet.</p>}
      <ol className="space-y-2 text-sm">
        {history.map((move) => (
          <li key={move.id}>
            <p className="flex flex-wrap items-center gap-2">
              {statusOf(move.from_status).label} to {statusOf(move.to_status).label}
              {move.from_phase !== move.to_phase && <span className="text-muted">({nameOf(move.to_phase)})</span>}
              {move.forced && <Badge tone="warn">forced</Badge>}
              <span className="text-xs text-muted">
                {move.by}, <Ago at={move.at} />
              </span>
            </p>
            {move.reason && <p className="text-muted break-words">{move.reason}</p>}
          </li>
        ))}
      </ol>
    </Card>
  );
}
