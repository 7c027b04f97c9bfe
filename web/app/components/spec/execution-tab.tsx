import { Link } from '@remix-run/react';
import type { z } from 'zod';
import type { eventSchema } from '#server/contracts/events.ts';
import { isLive } from '../../lib/status.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { RunRow } from '../command/recent.tsx';
import { Dot } from '../badge.tsx';
import { Card, Empty } from '../card.tsx';
import { Ago } from '../time.tsx';
import { describeEvent } from './describe-event.ts';

export function ExecutionTab({
  page: { runs, spec },
  events,
}: {
  page: SpecPage;
  events: z.output<typeof eventSchema>[];
}) {
  const working = runs.filter((run) => isLive(run.status));
  const over = runs.filter((run) => !isLive(run.status));
  return (
    <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
      <div className="min-w-0 space-y-4">
        <Card title="Running now" flush aside={<span className="figures text-xs text-muted">{working.length}</span>}>
          {working.length === 0 ? (
            <Empty title="No agent is running" />
          ) : (
            <ul className="divide-y">
              {working.map((run) => (
                <li key={run.id}>
                  <RunRow run={run} />
                </li>
              ))}
            </ul>
          )}
        </Card>
        {over.length > 0 && (
          <Card title="Finished runs" flush aside={<span className="figures text-xs text-muted">{over.length}</span>}>
            <ul className="max-h-[32rem] divide-y overflow-y-auto" tabIndex={0} aria-label="Finished runs">
              {over.map((run) => (
                <li key={run.id}>
                  <RunRow run={run} />
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
      <Card title="Events" flush>
        {events.length === 0 && <Empty title="No events yet" />}
        <ol className="divide-y">
          {events.map((event) => {
            const { text, tone, to } = describeEvent(event, spec);
            const line = (
              <>
                <span className="mt-1.5 flex">
                  <Dot tone={tone} />
                </span>
                <span className="min-w-0 flex-1 break-words">{text}</span>
                <Ago at={event.at} className="text-xs text-muted" />
              </>
            );
            return (
              <li key={event.seq}>
                {to ? (
                  <Link to={to} className="flex gap-2.5 px-4 py-2 text-sm -outline-offset-2 hover:bg-hover">
                    {line}
                  </Link>
                ) : (
                  <div className="flex gap-2.5 px-4 py-2 text-sm">{line}</div>
                )}
              </li>
            );
          })}
        </ol>
      </Card>
    </div>
  );
}
