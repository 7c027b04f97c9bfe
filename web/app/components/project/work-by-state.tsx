import { Link } from '@remix-run/react';
import type { Answer } from '#server/contracts/client.ts';
import type { projectStats } from '#server/contracts/project-stats.ts';
import { count, sentence } from '../../lib/format.ts';
import { StatusIcon } from '../badge.tsx';
import { Card, Empty } from '../card.tsx';

type Stats = Answer<typeof projectStats>;

/** The tickets of a project by status and by phase. */
export function WorkByState({ stats, projectId }: { stats: Stats; projectId: string }) {
  return (
    <Card
      title="Tickets"
      aside={
        <Link to={`/board/${projectId}?of=tickets`} className="text-xs text-muted hover:underline">
          Board
        </Link>
      }
    >
      {stats.tickets.total === 0 ? (
        <Empty title="No tickets yet">The plan of a spec creates them, or a person on the start page.</Empty>
      ) : (
        <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
          <Counts title="By status" counts={stats.tickets.by_status} icons />
          <Counts title="By phase" counts={stats.tickets.by_phase} />
        </div>
      )}
    </Card>
  );
}

function Counts({ title, counts, icons = false }: { title: string; counts: Record<string, number>; icons?: boolean }) {
  return (
    <section>
      <h3 className="text-xs font-medium text-muted">{title}</h3>
      <ul className="mt-1 space-y-1 text-sm">
        {Object.entries(counts)
          .sort(([, a], [, b]) => b - a)
          .map(([name, number]) => (
            <li key={name} className="flex items-center gap-2">
              {icons && (
                <span aria-hidden className="inline-flex">
                  <StatusIcon status={name} className="size-3.5" />
                </span>
              )}
              <span className="min-w-0 flex-1 truncate">{sentence(name.replace(/^PHASE_/, '').toLowerCase())}</span>
              <span className="figures">{count(number)}</span>
            </li>
          ))}
      </ul>
    </section>
  );
}
