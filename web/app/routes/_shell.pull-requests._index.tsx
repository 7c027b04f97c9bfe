import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import { listPullRequests } from '#server/contracts/pull-requests.ts';
import { StatusBadge } from '../components/badge.tsx';
import { Card, Empty } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { pullLine, type PullLine } from '../components/pull-request/pull-row.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Pull requests · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Pull requests' }] };

const states = ['open', 'merged', 'closed'] as const;

export const loader = async (where: LoaderFunctionArgs) => {
  const wanted = new URL(where.request.url).searchParams.get('state');
  const state = states.find((one) => one === wanted);
  const page = await apiFor(where)(listPullRequests, { query: { state, limit: 50 } });
  return { state, items: page.items.map(pullLine), next_cursor: page.next_cursor };
};

const columns: Column<PullLine>[] = [
  {
    id: 'number',
    head: 'Number',
    from: 'sm',
    cell: (pull) => <span className="figures text-xs text-muted">#{pull.number}</span>,
  },
  {
    id: 'title',
    head: 'Pull request',
    main: true,
    cell: (pull) => <RowTitle title={pull.title} note={<span className="figures">{pull.branch}</span>} />,
  },
  {
    id: 'base',
    head: 'Into',
    from: 'md',
    cell: (pull) => <span className="figures text-xs text-muted">{pull.base}</span>,
  },
  { id: 'state', head: 'Status', cell: (pull) => <StatusBadge status={pull.state} /> },
  {
    id: 'at',
    head: 'Updated',
    from: 'sm',
    right: true,
    cell: (pull) => <Ago at={pull.merged_at ?? pull.created_at} className="text-xs text-muted" />,
  },
];

export default function PullRequests() {
  const { state, ...first } = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.type.startsWith('pull_request.'));
  const load = useCallback(
    async (cursor: string) => {
      const page = await call(listPullRequests, { query: { state, cursor, limit: 50 } });
      return { items: page.items.map(pullLine), next_cursor: page.next_cursor };
    },
    [state],
  );
  const list = useMore(first, load, state);
  return (
    <div>
      <PageTitle title="Pull requests">
        <FilterLinks
          name="state"
          label="State"
          chosen={state ?? ''}
          options={[
            { value: '', label: 'All' },
            { value: 'open', label: 'Open' },
            { value: 'merged', label: 'Merged' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
      </PageTitle>
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title={state ? `No ${state} pull requests` : 'No pull requests yet'}>
            Finished specs and quick tickets open them.
          </Empty>
        ) : (
          <Table label="Pull requests" columns={columns} rows={list.items} to={(pull) => `/pull-requests/${pull.id}`} />
        )}
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
