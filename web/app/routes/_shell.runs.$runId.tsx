import type { MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { RunView } from '../components/run/run-view.tsx';
import { loadRunPage } from '../lib/run-page.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.state.run.title ?? 'Run'} · OmoiOS` },
];

interface Crumbed {
  state: { run: { title: string; project_id: string; spec_id: string | null } };
}
export const handle = {
  organization: ({ organization_id }: { organization_id: string }) => organization_id,
  crumbs: ({ state: { run } }: Crumbed) => [
    { label: 'Runs', to: '/runs' },
    ...(run.spec_id ? [{ label: 'Spec', to: `/projects/${run.project_id}/specs/${run.spec_id}?tab=execution` }] : []),
    { label: run.title },
  ],
};

export const loader = loadRunPage;

export default function RunRoute() {
  const page = useLoaderData<typeof loader>();
  // The key resets the state of the stream when the page shows another run.
  return <RunView key={page.state.run.id} page={page} />;
}

/** The stream loads changes itself; the loader runs again only for another run or tab. */
export const shouldRevalidate = ({ currentUrl, nextUrl }: { currentUrl: URL; nextUrl: URL }) =>
  currentUrl.href !== nextUrl.href;

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
