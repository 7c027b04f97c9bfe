import { useNavigate } from '@remix-run/react';
import { Map } from 'lucide-react';
import { planTicket } from '#server/contracts/gates.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';

interface Planned {
  id: string;
  project_id: string;
  workflow_mode: string;
  spec_id: string | null;
  status: string;
}

/** Starts a spec from the words of a ticket that nothing works on yet, and opens it. Shown where that is possible. */
export function PlanButton({ ticket, tasks }: { ticket: Planned; tasks: number }) {
  const plan = useCommand(planTicket);
  const because = useLacks('ticket:write');
  const navigate = useNavigate();
  const { id, status } = ticket;
  if (ticket.workflow_mode !== 'spec_driven' || ticket.spec_id !== null || tasks > 0) return null;
  if (status !== 'backlog' && status !== 'analyzing' && status !== 'pending_review') return null;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button
        size="sm"
        look="primary"
        busy={plan.busy}
        because={because ?? (status === 'pending_review' ? 'The ticket waits for its approval' : undefined)}
        onClick={() =>
          void plan
            .run({ params: { id } })
            .then((answer) => answer && navigate(`/projects/${ticket.project_id}/specs/${answer.spec_id}`))
        }
      >
        <Map aria-hidden className="size-3.5" /> Plan this ticket
      </Button>
      <CommandError error={plan.error} />
    </div>
  );
}
