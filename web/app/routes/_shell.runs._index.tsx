import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import { listRuns } from '#server/contracts/runs.ts';
import { Dot, StatusBadge } from '../components/badge.tsx';
import { ButtonLink } from '../components/button.tsx';
import { Card, Empty } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago, Elapsed } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { money, percent } from '../lib/format.ts';
import { runLine, type RunLine } from '../lib/lines.ts';
import { alignmentTone, statusOf } from '../lib/status.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Runs · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Runs' }] };

const statuses = ['', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'];

export const loader = async (where: LoaderFunctionArgs) => {
  const wanted = new URL(where.request.url).searchParams.get('status') ?? '';
  const status = statuses.includes(wanted) ? wanted : '';
  const page = await apiFor(where)(listRuns, { query: { status: status || undefined, limit: 50 } });
  return { status, items: page.items.map(runLine), next_cursor: page.next_cursor };
};

const columns: Column<RunLine>[] = [
  {
    id: 'title',
    head: 'Run',
    main: true,
    cell: (run) => (
      <RowTitle
        note={run.waiting_for ? <span className="text-warn">waits for {run.waiting_for}</span> : undefined}
        title={run.title}
      />
    ),
  },
  { id: 'mode', head: 'Kind', from: 'md', cell: (run) => <span className="text-xs text-muted">{run.mode}</span> },
  {
    id: 'alignment',
    head: 'Alignment',
    from: 'lg',
    right: true,
    cell: ({ alignment }) =>
      alignment !== null && (
        <span className="figures inline-flex items-center gap-1.5 text-xs">
          <Dot tone={alignmentTone(alignment)} />
          {percent(alignment)}
        </span>
      ),
  },
  {
    id: 'turns',
    head: 'Turns',
    from: 'md',
    right: true,
    cell: (run) => <span className="figures text-xs">{run.turn}</span>,
  },
  {
    id: 'cost',
    head: 'Cost',
    from: 'sm',
    right: true,
    cell: (run) => <span className="figures text-xs">{money(run.cost_micros)}</span>,
  },
  {
    id: 'time',
    head: 'Time',
    from: 'lg',
    right: true,
    cell: (run) =>
      run.started_at && (
        <span className="text-xs">
          <Elapsed from={run.started_at} to={run.ended_at} />
        </span>
      ),
  },
  {
    id: 'status',
    head: 'Status',
    cell: (run) => <StatusBadge status={run.status} title={run.waiting_reason ?? undefined} />,
  },
  {
    id: 'created',
    head: 'Started',
    from: 'sm',
    right: true,
    cell: (run) => <Ago at={run.created_at} className="text-xs text-muted" />,
  },
];

export default function Runs() {
  const { status, ...first } = useLoaderData<typeof loader>();
  useRefreshOn((event) => /^run\.(created|started|status_changed|ended|turn\.completed)/.test(event.type), 1000);
  const load = useCallback(
    async (cursor: string) => {
      const page = await call(listRuns, { query: { status: status || undefined, cursor, limit: 50 } });
      return { items: page.items.map(runLine), next_cursor: page.next_cursor };
    },
    [status],
  );
  const list = useMore(first, load, status);
  return (
    <div>
      <PageTitle title="Runs" note="Each run is one agent in one sandbox.">
        <ButtonLink to="/sandboxes">By task</ButtonLink>
        <ButtonLink to="/agents">Agents</ButtonLink>
        <FilterLinks
          name="status"
          label="State"
          chosen={status}
          options={statuses.map((value) => ({
            value,
            label: value === '' ? 'All' : statusOf(value).label,
          }))}
        />
      </PageTitle>
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title={status ? `No ${status} runs` : 'No runs yet'}>
            {!status && <ButtonLink to="/command">Describe a feature</ButtonLink>}
          </Empty>
        ) : (
          <Table label="Runs" columns={columns} rows={list.items} to={(run) => `/runs/${run.id}`} />
        )}
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
