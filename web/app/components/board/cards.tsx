import { Link, useLocation } from '@remix-run/react';
import { Bot, Split } from 'lucide-react';
import { plural } from '../../lib/format.ts';
import { statusOf } from '../../lib/status.ts';
import type { TaskLine, TicketLine } from '../../lib/lines.ts';
import { Badge, StatusBadge } from '../badge.tsx';
import { Priority } from '../spec/content.tsx';
import { Ago, Elapsed } from '../time.tsx';

const shape = 'block rounded-md border bg-card px-3 py-2 shadow-2xs hover:border-line-strong hover:bg-hover';

/** Links to the task's run, or to its ticket when it has no run. */
export function TaskCard({ task }: { task: TaskLine }) {
  return (
    <Link to={task.run_id ? `/runs/${task.run_id}` : `/tickets/${task.ticket_id}`} data-row className={shape}>
      <span className="flex items-center justify-between gap-2">
        <span className="figures text-xs text-muted">{task.key}</span>
        <Priority of={task.priority} />
      </span>
      <span className="mt-0.5 line-clamp-2 text-sm break-words">{task.title}</span>
      {task.error_message && (
        <span className="mt-0.5 line-clamp-2 text-xs break-words text-bad">{task.error_message}</span>
      )}
      <span className="mt-1.5 flex flex-wrap items-center gap-2 text-xs text-muted">
        <StatusBadge status={task.status} />
        {task.discovery_id && (
          <span className="inline-flex items-center gap-1" title="Discovered while an agent worked on another task">
            <Split aria-hidden className="size-3" />
            discovered
          </span>
        )}
        <span className="ml-auto">
          {task.started_at && !task.ended_at ? (
            <Elapsed from={task.started_at} />
          ) : (
            <Ago at={task.ended_at ?? task.created_at} />
          )}
        </span>
      </span>
    </Link>
  );
}

function PullBadge({ pull: { number, state } }: { pull: { number: number; state: string } }) {
  const { label, tone, icon: Icon } = statusOf(state);
  return (
    <Badge tone={tone} title={`Pull request #${number}: ${label}`}>
      <Icon aria-hidden className="size-3" />
      <span className="sr-only">Pull request </span>#{number}
    </Badge>
  );
}

export function TicketCard({ ticket }: { ticket: TicketLine }) {
  const { search } = useLocation();
  const query = new URLSearchParams(search);
  query.set('open', ticket.id);
  return (
    // The card around it is dragged, not the address of the link.
    <Link to={{ search: `?${query}` }} preventScrollReset data-row draggable={false} className={shape}>
      <span className="flex items-center justify-between gap-2">
        <span className="figures text-xs text-muted">{ticket.key}</span>
        <Priority of={ticket.priority} />
      </span>
      <span className="mt-0.5 line-clamp-2 text-sm break-words">{ticket.title}</span>
      {ticket.last_error && (
        <span className="mt-0.5 line-clamp-2 text-xs break-words text-bad">{ticket.last_error}</span>
      )}
      <span className="mt-1.5 flex flex-wrap items-center gap-2 text-xs text-muted">
        <StatusBadge status={ticket.status} />
        {ticket.pull_request && <PullBadge pull={ticket.pull_request} />}
        {ticket.spec_id && <Badge>spec</Badge>}
        {ticket.is_blocked && (
          <span className="text-warn" title={ticket.blocked_reason ?? undefined}>
            blocked
          </span>
        )}
        {ticket.running_agents > 0 && (
          <span className="inline-flex items-center gap-1 text-info">
            <Bot aria-hidden className="size-3" />
            {plural(ticket.running_agents, 'agent')}
          </span>
        )}
        {ticket.needs_review && <span className="text-warn">needs you</span>}
        <Ago at={ticket.updated_at} className="mr-7 ml-auto" />
      </span>
    </Link>
  );
}
