import { Link } from '@remix-run/react';
import type { z } from 'zod';
import type { queueSchema } from '#server/contracts/projects.ts';
import { shortId } from '../../lib/format.ts';
import { Card } from '../card.tsx';
import { Priority } from '../spec/content.tsx';
import { Ago } from '../time.tsx';

/** The page of what holds or wants a slot: its ticket, or the fork of a run that works for no ticket. */
const workOf = (entry: { task_id: string; ticket_id: string }) =>
  entry.ticket_id ? `/tickets/${entry.ticket_id}` : `/runs/${entry.task_id}`;

/** The project's slots: the tasks that hold one, and the tasks that wait for one, in order. */
export function Queue({
  queue,
  names,
}: {
  queue: z.output<typeof queueSchema> | null;
  /** Keys and titles of tasks by id, as far as they are loaded. */ names: Record<string, string>;
}) {
  if (!queue)
    return (
      <Card title="Queue">
        <p className="text-sm text-muted">The queue does not answer. The page asks again at the next event.</p>
      </Card>
    );
  const name = (id: string) => (
    <span className="min-w-0 flex-1 truncate">
      {names[id] ?? <span className="figures text-xs">task {shortId(id)}</span>}
    </span>
  );
  const row = 'flex min-h-10 items-center gap-3 px-4 py-1.5 text-sm -outline-offset-2 hover:bg-hover';
  return (
    <Card
      title="Queue"
      flush
      aside={
        <span className="figures text-xs text-muted">
          {queue.active.length} of {queue.limit} slots in use, {queue.waiting.length} waiting
          {queue.held_back > 0 && '; the organization has reached its limit of agents'}
        </span>
      }
    >
      {queue.active.length + queue.waiting.length === 0 && (
        <p className="px-4 py-3 text-xs text-muted">All slots are free.</p>
      )}
      <ul className="max-h-80 divide-y overflow-y-auto">
        {queue.active.map((slot) => (
          <li key={slot.task_id}>
            <Link to={workOf(slot)} className={row}>
              <span aria-hidden className="size-2 animate-working rounded-full bg-gold-deep" />
              {name(slot.task_id)}
              <span className="text-xs text-muted">
                since <Ago at={slot.since} />
              </span>
            </Link>
          </li>
        ))}
        {queue.waiting.slice(0, 100).map((entry) => (
          <li key={entry.task_id}>
            <Link to={workOf(entry)} className={row}>
              {name(entry.task_id)}
              <Priority of={entry.priority} />
              <span className="figures text-xs text-muted" title="Score: a higher score goes first">
                {entry.score.toFixed(2)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {queue.waiting.length > 100 && (
        <p className="border-t px-4 py-2 text-xs text-muted">and {queue.waiting.length - 100} more</p>
      )}
    </Card>
  );
}
