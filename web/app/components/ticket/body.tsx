import { Link } from '@remix-run/react';
import { TextLink } from '../text-link.tsx';
import { RotateCcw } from 'lucide-react';
import { useMemo, useState } from 'react';
import { cancelTicket, retryTicket } from '#server/contracts/tickets.ts';
import type { TicketDetails } from '../../lib/ticket-details.server.ts';
import { useRefreshWhile } from '../../lib/live.tsx';
import { asGraphTask, fewestEdges, waits } from '../../lib/task-links.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge, StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { AlertDialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Prose } from '../markdown.tsx';
import { TaskGraph } from '../graph/task-graph.tsx';
import { RaiseBudget } from '../costs/raise-budget.tsx';
import { RetryingNotice } from '../retrying-notice.tsx';
import { Diagnosis } from './diagnosis.tsx';
import { FixButton } from './fix-button.tsx';
import { MergeOrLink } from './merge-or-link.tsx';
import { PlanButton } from './plan-button.tsx';
import { SameAs } from './same-as.tsx';
import { StartButton } from './start-button.tsx';
import { TaskMenu } from './task-menu.tsx';
import { TicketMoves } from '../board/ticket-moves.tsx';
import { Priority } from '../spec/content.tsx';
import { Ago } from '../time.tsx';
import { CommitRow } from '../work/commit-row.tsx';
import { NightBadge, NightCard } from '../work/night.tsx';
import { TaskRow } from '../work/task-row.tsx';

/** What a ticket is, what works on it, and what a person may do with it. */
export function TicketBody({ details }: { details: TicketDetails }) {
  const { ticket, night, other, specs, tasks, diagnoses, discoveries, merges, commits, branches, waiting } = details;
  const lacks = useLacks('ticket:write');
  const cancel = useCommand(cancelTicket);
  const retry = useCommand(retryTicket);
  const [asking, setAsking] = useState(false);
  const failed = tasks.some((task) => task.status === 'failed');
  const over = ['done', 'cancelled'].includes(ticket.status);
  useRefreshWhile(!over);
  const picture = useMemo(
    () => ({
      tasks: [...tasks].reverse().map((task) => asGraphTask(task)),
      links: fewestEdges([...waits(tasks), ...branches]),
    }),
    [tasks, branches],
  );
  const names = new Map(tasks.map((task) => [task.id, task.key]));
  return (
    <div className="space-y-4">
      <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
        <StatusBadge status={ticket.status} />
        <Priority of={ticket.priority} />
        {ticket.is_blocked && <Badge tone="warn">blocked</Badge>}
        {!over && <NightBadge night={night} paused={waiting.some(({ status }) => status === 'paused')} />}
        <span>
          created <Ago at={ticket.created_at} />
        </span>
        {ticket.spec_id && <TextLink to={`/specs/${ticket.spec_id}`}>spec</TextLink>}
        <TextLink to={`/diagnostic/ticket/${ticket.id}`}>why it is so</TextLink>
      </p>
      {other && <SameAs ticket={ticket} other={other} />}
      <TicketMoves ticket={ticket} />
      {specs.map((spec) => (
        <p key={spec.id} className="flex flex-wrap items-center gap-2 text-sm">
          Planned by <TextLink to={`/projects/${ticket.project_id}/specs/${spec.id}`}>{spec.title}</TextLink>
          <StatusBadge status={spec.status} />
        </p>
      ))}
      {specs.every(({ status }) => ['failed', 'cancelled'].includes(status)) && (
        <PlanButton ticket={ticket} tasks={tasks.length} />
      )}
      <StartButton ticket={ticket} tasks={tasks} />
      <RetryingNotice retrying={ticket.retrying} />
      {ticket.is_blocked && ticket.blocked_reason && <Notice tone="warn">{ticket.blocked_reason}</Notice>}
      {ticket.last_error && <Notice tone="bad">{ticket.last_error}</Notice>}
      {!over && waiting.map((run) => <WaitingRun key={run.id} run={run} />)}
      {ticket.needs_review && !over && (waiting.length === 0 || failed) && (
        <div className="flex flex-wrap items-center gap-3">
          <Button
            size="sm"
            look="primary"
            busy={retry.busy}
            because={lacks}
            onClick={() => void retry.run({ params: { id: ticket.id } })}
          >
            <RotateCcw aria-hidden className="size-3.5" /> Retry what failed
          </Button>
          <CommandError error={retry.error} />
          {failed && <FixButton ticketId={ticket.id} check="task" />}
        </div>
      )}
      <Diagnosis ticketId={ticket.id} diagnoses={diagnoses} failed={failed && !over} names={names} />
      {!over && ticket.is_blocked && ticket.blocked_actor === 'platform' && !failed && (
        <div className="flex flex-wrap items-center gap-3">
          <FixButton ticketId={ticket.id} check="block" />
        </div>
      )}
      <Prose text={ticket.description} />
      {(ticket.branch ?? ticket.base_branch) && (
        <p className="figures text-xs break-all text-muted">
          {ticket.branch} {ticket.base_branch && `from ${ticket.base_branch}`}
        </p>
      )}
      <NightCard night={night} level={3} />
      <section>
        <h3 className="mb-1 text-xs font-medium text-muted">Tasks</h3>
        <ul className="divide-y rounded-md border empty:hidden">
          {[...tasks].reverse().map((task) => (
            <li key={task.id} className="flex flex-wrap items-center pr-1">
              <div className="min-w-0 flex-1">
                <TaskRow task={task} names={names} />
              </div>
              <TaskMenu task={task} />
            </li>
          ))}
        </ul>
        {picture.links.length > 0 && <TaskGraph {...picture} name="Dependencies" className="mt-3" />}
        {tasks.length === 0 && <p className="text-sm text-muted">No tasks yet.</p>}
      </section>
      {discoveries.length > 0 && (
        <section>
          <h3 className="mb-1 text-xs font-medium text-muted">Discoveries</h3>
          <ul className="space-y-1 text-sm">
            {discoveries.map((one) => (
              <li key={one.id} className="flex flex-wrap items-center gap-2">
                <Badge tone="warn">{one.discovery_type.replace(/_/g, ' ')}</Badge>
                <span className="min-w-0 break-words">{one.title}</span>
                <span className="text-xs text-muted">
                  {one.resolution_status.replace('_', ' ')}
                  {one.blocking && ', blocking'}
                </span>
                <TextLink to={`/diagnostic/discovery/${one.id}`} className="text-xs" aria-label={`Why: ${one.title}`}>
                  why
                </TextLink>
              </li>
            ))}
          </ul>
        </section>
      )}
      {commits.length > 0 && (
        <section>
          <h3 className="mb-1 text-xs font-medium text-muted">Commits</h3>
          <ul className="divide-y rounded-md border text-sm">
            {commits.map((commit) => (
              <li key={commit.sha}>
                <CommitRow commit={commit} project={ticket.project_id} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {merges.length > 0 && (
        <section>
          <h3 className="mb-1 text-xs font-medium text-muted">Merged branches</h3>
          <ul className="space-y-1 text-sm">
            {merges.map((merge) => (
              <li key={merge.id} className="flex flex-wrap items-center gap-2">
                <span className="figures min-w-0 flex-1 text-xs break-all">{merge.target}</span>
                <StatusBadge status={merge.status} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {!over && (
        <div className="flex flex-wrap items-center justify-end gap-2 border-t pt-3">
          <MergeOrLink ticket={ticket} />
          <Button look="danger" size="sm" because={lacks} onClick={() => setAsking(true)}>
            Cancel the ticket
          </Button>
          <AlertDialog
            open={asking}
            onClose={() => setAsking(false)}
            title={`Cancel ${ticket.key}?`}
            keep="Keep it"
            act="Cancel the ticket"
            busy={cancel.busy}
            error={cancel.error}
            onAct={async () => {
              if (await cancel.run({ params: { id: ticket.id }, body: {} })) setAsking(false);
            }}
          >
            Its tasks end unfinished, and tickets that wait for it stay blocked. Branches are kept.
          </AlertDialog>
        </div>
      )}
    </div>
  );
}

/** The remedy for a run that waits: a retry would not help. */
const WaitingRun = ({ run }: { run: TicketDetails['waiting'][number] }) => (
  <Notice tone="warn">
    <Link to={`/runs/${run.id}`} className="underline underline-offset-2">
      {run.title}
    </Link>{' '}
    waits{run.reason && `: ${run.reason}`}
    {run.budget && <RaiseBudget budget={run.budget} />}
  </Notice>
);
