import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import { listPullRequests } from '#server/contracts/pull-requests.ts';
import { Card, Empty } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { PullRow, pullLine } from '../components/pull-request/pull-row.tsx';
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
    <div className="mx-auto max-w-4xl">
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
          <ul className="divide-y">
            {list.items.map((pull) => (
              <li key={pull.id}>
                <PullRow pull={pull} />
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
