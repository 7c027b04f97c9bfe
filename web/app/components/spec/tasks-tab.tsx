import { Link, useSearchParams } from '@remix-run/react';
import { useMemo } from 'react';
import type { TicketLine } from '../../lib/lines.ts';
import type { Content } from '../../lib/phase-outputs.server.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { asGraphTask, specEdges } from '../../lib/task-links.ts';
import { StatusBadge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { FilterLinks } from '../filter-links.tsx';
import { TaskGraph, type GraphTask } from '../graph/task-graph.tsx';
import { TaskRow } from '../work/task-row.tsx';
import { PhaseContent, Priority } from './content.tsx';
import { PlannedTasks } from './planned-tasks.tsx';

/** The planned tasks; once they are on the board, the board's tickets and tasks. */
export function TasksTab({ page, plan, tickets }: { page: SpecPage; plan: Content<'tasks'>; tickets: TicketLine[] }) {
  const drawn = useSearchParams()[0].get('view') === 'graph';
  const picture = useMemo(() => {
    const keys = new Map(tickets.map((ticket) => [ticket.id, ticket.key]));
    return {
      tasks: [...page.tasks].reverse().map((task) => asGraphTask(task, keys.get(task.ticket_id))),
      links: specEdges(page.tasks, tickets),
    };
  }, [page.tasks, tickets]);
  if (tickets.length === 0)
    return (
      <PhaseContent state={plan.state} name="tasks">
        {plan.content && (
          <>
            <Views drawn={drawn} />
            {drawn ? <PlannedGraph plan={plan.content} /> : <PlannedTasks plan={plan.content} page={page} />}
          </>
        )}
      </PhaseContent>
    );
  const names = new Map(page.tasks.map((task) => [task.id, task.key]));
  return (
    <div className="space-y-4">
      <Views drawn={drawn} />
      {drawn && <TaskGraph {...picture} name="Tasks of the spec, and what comes after what" />}
      {!drawn &&
        [...tickets].reverse().map((ticket) => {
          const own = page.tasks.filter((task) => task.ticket_id === ticket.id).reverse();
          return (
            <Card
              key={ticket.id}
              flush
              title={
                <Link to={`/board/${ticket.project_id}?of=tickets&open=${ticket.id}`} className="hover:underline">
                  <span className="figures mr-2 text-xs font-normal text-muted">{ticket.key}</span>
                  {ticket.title}
                </Link>
              }
              aside={
                <span className="flex items-center gap-2">
                  <Priority of={ticket.priority} />
                  <StatusBadge status={ticket.status} />
                </span>
              }
            >
              {ticket.last_error && <p className="border-b px-4 py-2 text-xs text-bad">{ticket.last_error}</p>}
              <ul className="divide-y">
                {own.map((task) => (
                  <li key={task.id}>
                    <TaskRow task={task} names={names} />
                  </li>
                ))}
              </ul>
              {own.length === 0 && (
                <p className="px-4 py-3 text-xs text-muted">No tasks of this ticket are listed here.</p>
              )}
            </Card>
          );
        })}
      {page.more_tasks && (
        <p className="text-xs text-muted">
          This list shows the newest 200 tasks. For all of them see the{' '}
          <Link to={`/board/${page.spec.project_id}?spec=${page.spec.id}`} className="underline">
            board
          </Link>
          .
        </p>
      )}
    </div>
  );
}

function Views({ drawn }: { drawn: boolean }) {
  return (
    <FilterLinks
      name="view"
      label="Task view"
      chosen={drawn ? 'graph' : ''}
      options={[
        { value: '', label: 'List' },
        { value: 'graph', label: 'Graph' },
      ]}
    />
  );
}

type Plan = NonNullable<Content<'tasks'>['content']>;

function PlannedGraph({ plan }: { plan: Plan }) {
  const tasks = useMemo(
    () =>
      plan.tasks.map((task): GraphTask => ({
        id: task.id,
        label: task.id,
        title: task.title,
        status: 'planned',
        group: task.parent_ticket,
      })),
    [plan],
  );
  const links = useMemo(
    () =>
      specEdges(
        plan.tasks.map((task) => ({
          id: task.id,
          ticket_id: task.parent_ticket,
          depends_on: task.dependencies.depends_on,
          discovery_id: null,
          parent_task_id: null,
        })),
        plan.tickets.map((ticket) => ({ id: ticket.id, blocked_by: ticket.dependencies.blocked_by })),
      ),
    [plan],
  );
  return <TaskGraph tasks={tasks} links={links} name="Planned tasks, and what comes after what" />;
}
