import { Link } from '@remix-run/react';
import type { z } from 'zod';
import type { specSchema } from '#server/contracts/specs.ts';
import { StatusBadge } from '../badge.tsx';
import { Card, Empty } from '../card.tsx';
import { Progress } from '../progress.tsx';
import { Ago } from '../time.tsx';
import { money, plural } from '../../lib/format.ts';
import type { RunLine } from '../../lib/lines.ts';

export type SpecRecord = z.output<typeof specSchema>;

export function RecentSpecs({ specs }: { specs: SpecRecord[] }) {
  return (
    <Card title="Recent specs" flush>
      {specs.length === 0 ? (
        <Empty title="No specs yet">Describe a feature above. Its plan, progress and pull request appear here.</Empty>
      ) : (
        <ul className="divide-y">
          {specs.map((spec) => (
            <li key={spec.id}>
              <SpecRow spec={spec} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function SpecRow({ spec }: { spec: SpecRecord }) {
  return (
    <Link
      to={`/projects/${spec.project_id}/specs/${spec.id}`}
      data-row
      className="block px-4 py-2.5 -outline-offset-2 hover:bg-hover"
    >
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-medium">{spec.title}</span>
        <StatusBadge status={spec.status} />
      </span>
      <span className="mt-1 flex items-center gap-2 text-xs text-muted">
        <Progress quiet share={spec.progress / 100} label="Planned" className="w-16" />
        <span className="figures">{spec.progress} %</span>
        <span className="capitalize">{spec.current_phase}</span>
        <span className="figures ml-auto">{money(spec.cost_micros)}</span>
        <Ago at={spec.created_at} />
      </span>
    </Link>
  );
}

export function RecentRuns({ runs }: { runs: RunLine[] }) {
  return (
    <Card title="Recent runs" flush>
      {runs.length === 0 ? (
        <Empty title="No runs yet" />
      ) : (
        <ul className="divide-y">
          {runs.map((run) => (
            <li key={run.id}>
              <RunRow run={run} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function RunRow({ run }: { run: RunLine }) {
  return (
    <Link to={`/runs/${run.id}`} data-row className="block px-4 py-2.5 -outline-offset-2 hover:bg-hover">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-medium">{run.title}</span>
        <StatusBadge status={run.status} title={run.waiting_reason ?? undefined} />
      </span>
      <span className="mt-1 flex items-center gap-3 text-xs text-muted">
        <span>{run.mode}</span>
        <span className="figures whitespace-nowrap">{plural(run.turn, 'turn')}</span>
        {run.waiting_for && <span className="truncate text-warn">waits for {run.waiting_for}</span>}
        <span className="figures ml-auto">{money(run.cost_micros)}</span>
        <Ago at={run.created_at} />
      </span>
    </Link>
  );
}
