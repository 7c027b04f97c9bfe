import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import { listRuns } from '#server/contracts/runs.ts';
import { ButtonLink } from '../components/button.tsx';
import { Card, Empty } from '../components/card.tsx';
import { RunRow } from '../components/command/recent.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { runLine } from '../lib/lines.ts';
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
    <div className="mx-auto max-w-4xl">
      <PageTitle title="Runs" note="Each run is one agent in one sandbox.">
        <FilterLinks
          name="status"
          label="State"
          chosen={status}
          options={statuses.map((value) => ({
            value,
            label: value === '' ? 'All' : value.charAt(0).toUpperCase() + value.slice(1),
          }))}
        />
      </PageTitle>
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title={status ? `No ${status} runs` : 'No runs yet'}>
            {!status && <ButtonLink to="/command">Describe a feature</ButtonLink>}
          </Empty>
        ) : (
          <ul className="divide-y">
            {list.items.map((run) => (
              <li key={run.id} className="lazy-paint [contain-intrinsic-size:auto_60px]">
                <RunRow run={run} />
              </li>
            ))}
          </ul>
        )}
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
