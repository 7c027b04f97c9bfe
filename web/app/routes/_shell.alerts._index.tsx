import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import type { Item } from '#server/contracts/client.ts';
import { listAlertEndpoints, listAlertRules, listAlerts } from '#server/contracts/alerts.ts';
import { AlertEndpoints } from '../components/alert/endpoints.tsx';
import { AlertRules } from '../components/alert/rules.tsx';
import { Badge } from '../components/badge.tsx';
import { Card, Empty } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago } from '../components/time.tsx';
import { asWords, severityTone, stateNames } from '../lib/alerts.ts';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Alerts · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Alerts' }] };

const states = ['open', 'acknowledged', 'resolved'] as const;

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const asked = new URL(where.request.url).searchParams.get('state');
  const state = states.find((one) => one === asked);
  const [list, rules, endpoints] = await Promise.all([
    api(listAlerts, { query: { state, limit: 50 } }),
    api(listAlertRules, {}),
    // Whoever may not change the organization does not see them.
    api(listAlertEndpoints, {}).catch(() => null),
  ]);
  return { state, list, rules, endpoints };
};

const columns: Column<Item<typeof listAlerts>>[] = [
  {
    id: 'message',
    head: 'Alert',
    main: true,
    cell: (row) => <RowTitle title={row.message} note={asWords(row.rule)} />,
  },
  {
    id: 'severity',
    head: 'Severity',
    cell: (row) => <Badge tone={severityTone[row.severity]}>{row.severity}</Badge>,
  },
  {
    id: 'seen',
    head: 'Last seen',
    from: 'sm',
    right: true,
    cell: (row) => <Ago at={row.seen_at} className="text-xs text-muted" />,
  },
  { id: 'state', head: 'State', from: 'sm', cell: (row) => <span className="text-xs">{stateNames[row.state]}</span> },
];

/** What is so that should not be, by the organization's rules, and who is told of it. */
export default function Alerts() {
  const { state, list: first, rules, endpoints } = useLoaderData<typeof loader>();
  useRefreshOn((event) => /^alert\./.test(event.type), 500);
  const load = useCallback((cursor: string) => call(listAlerts, { query: { state, cursor, limit: 50 } }), [state]);
  const list = useMore(first, load, state ?? '');
  return (
    <div className="space-y-4">
      <PageTitle title="Alerts" note="They end by themselves when what they say is so no more." />
      <FilterLinks
        name="state"
        label="State"
        chosen={state ?? ''}
        options={[{ value: '', label: 'All' }, ...states.map((value) => ({ value, label: stateNames[value] }))]}
      />
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title={state ? 'No such alert' : 'No alerts yet'} />
        ) : (
          <Table label="Alerts" columns={columns} rows={list.items} to={(row) => `/alerts/${row.id}`} />
        )}
        <MoreButton list={list} />
      </Card>
      <AlertRules rules={rules} />
      {endpoints && <AlertEndpoints endpoints={endpoints.items} />}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
