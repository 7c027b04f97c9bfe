import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import type { Item } from '#server/contracts/client.ts';
import { agentsHealth, agentStatistics, listAgents } from '#server/contracts/agents.ts';
import { agentStatuses } from '#workflows/domain/agents/agent.ts';
import { Badge, Dot, StatusBadge } from '../components/badge.tsx';
import { ButtonLink } from '../components/button.tsx';
import { Card, Empty } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { percent } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { alignmentTone, statusOf } from '../lib/status.ts';
import { useMore } from '../lib/use-more.ts';
import { useLacks } from '../lib/viewer.ts';

export const meta: MetaFunction = () => [{ title: 'Agents · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Agents' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const asked = new URL(where.request.url).searchParams;
  const status = agentStatuses.find((name) => name === asked.get('status'));
  const [list, numbers, health] = await Promise.all([
    api(listAgents, { query: { status, limit: 50 } }),
    api(agentStatistics, { query: {} }),
    api(agentsHealth, { query: {} }),
  ]);
  const stale = health.agents.filter((agent) => agent.stale).map((agent) => agent.agent_id);
  return { status, numbers, stale, ...list };
};

type Row = Item<typeof listAgents>;

const columns: Column<Row>[] = [
  {
    id: 'name',
    head: 'Agent',
    main: true,
    cell: (row) => (
      <RowTitle title={row.name} note={row.runs[0]?.title ?? (row.capabilities.join(', ') || 'any capability')} />
    ),
  },
  {
    id: 'phase',
    head: 'Phase',
    from: 'md',
    cell: (row) => (
      <span className="text-xs text-muted">{row.phase_id?.replace('PHASE_', '').toLowerCase() ?? 'any'}</span>
    ),
  },
  {
    id: 'alignment',
    head: 'Alignment',
    from: 'lg',
    right: true,
    cell: ({ runs }) => {
      const alignment = runs[0]?.alignment ?? null;
      return (
        alignment !== null && (
          <span className="figures inline-flex items-center gap-1.5 text-xs">
            <Dot tone={alignmentTone(alignment)} />
            {percent(alignment)}
          </span>
        )
      );
    },
  },
  {
    id: 'busy',
    head: 'Tasks',
    right: true,
    from: 'sm',
    cell: (row) => (
      <span className="figures text-xs">
        {row.busy} of {row.capacity}
      </span>
    ),
  },
  {
    id: 'beat',
    head: 'Last sign',
    from: 'sm',
    right: true,
    cell: (row) => row.last_heartbeat_at && <Ago at={row.last_heartbeat_at} className="text-xs text-muted" />,
  },
];

/** The registered agents: places for tasks, which the platform or programs elsewhere fill with runs. */
export default function Agents() {
  const { status, numbers, stale, ...first } = useLoaderData<typeof loader>();
  const lacks = useLacks('agent:write');
  useRefreshOn((event) => /^(agent\.|run\.(created|ended))/.test(event.type), 1000);
  const load = useCallback((cursor: string) => call(listAgents, { query: { status, cursor, limit: 50 } }), [status]);
  const list = useMore(first, load, status ?? '');
  const withStatus: Column<Row>[] = [
    ...columns,
    {
      id: 'status',
      head: 'Status',
      cell: (row) => (
        <span className="inline-flex gap-1.5">
          {stale.includes(row.id) && <Badge tone="bad">Silent</Badge>}
          <StatusBadge status={row.status} />
        </span>
      ),
    },
  ];
  return (
    <div>
      <PageTitle
        title="Agents"
        note="Places for tasks that want their capabilities. Without any, tasks run as they come."
        facts={
          <>
            <span>{numbers.active} active</span>
            <span>{numbers.idle} idle</span>
            <span>{numbers.stuck} stuck</span>
            <span>{numbers.stale} silent</span>
          </>
        }
      >
        {!lacks && (
          <ButtonLink look="primary" to="/agents/spawn">
            New agent
          </ButtonLink>
        )}
      </PageTitle>
      <div className="mb-3">
        <FilterLinks
          name="status"
          label="Status"
          chosen={status ?? ''}
          options={[
            { value: '', label: 'All' },
            ...agentStatuses.map((value) => ({ value, label: statusOf(value).label })),
          ]}
        />
      </div>
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title={status ? 'No such agent' : 'No agents yet'} />
        ) : (
          <Table label="Agents" columns={withStatus} rows={list.items} to={(row) => `/agents/${row.id}`} />
        )}
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
