import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { Outlet, useLoaderData, type ShouldRevalidateFunction } from '@remix-run/react';
import { me as whoAmI } from '#server/contracts/auth.ts';
import { newestEvent } from '#server/contracts/events.ts';
import { report } from '#server/contracts/money.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { PageError } from '../components/page-error.tsx';
import { Shell } from '../components/shell/shell.tsx';
import { apiFor } from '../lib/api.server.ts';
import { LiveProvider } from '../lib/live.tsx';
import { NowProvider, useClock } from '../lib/now.ts';

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const me = await api(whoAmI, {});
  if (me.organizations.length === 0) throw redirect('/welcome');
  // Asked first: what happens while the rest loads comes again over the live feed, and nothing is missed.
  const { newest } = await api(newestEvent, {});
  const [{ runs, waiting_on_you: waiting }, projects] = await Promise.all([
    api(report, {}),
    api(listProjects, { query: { status: 'active', limit: 8 } }),
  ]);
  return {
    me,
    newest,
    runs,
    waiting: waiting.length,
    projects: projects.items.map(({ id, name }) => ({ id, name })),
    more_projects: projects.next_cursor !== null,
    model_provider: where.context.modelProvider,
    now: Date.now(),
  };
};

let loaded = 0;
const rest = 3000;

/** Pages refresh often while work goes on; the shell's counts may lag by three seconds, its own refresh brings the last. */
export const shouldRevalidate: ShouldRevalidateFunction = ({ formMethod, defaultShouldRevalidate }) => {
  if (!defaultShouldRevalidate || (!formMethod && Date.now() - loaded < rest)) return false;
  loaded = Date.now();
  return true;
};

export default function ShellRoute() {
  const shell = useLoaderData<typeof loader>();
  const now = useClock(shell.now);
  return (
    <NowProvider value={now}>
      <LiveProvider after={shell.newest}>
        <Shell {...shell} refreshMs={rest}>
          <Outlet />
        </Shell>
      </LiveProvider>
    </NowProvider>
  );
}

/** Errors of the shell's own data; those of pages are caught below, with the shell around them. */
export function ErrorBoundary() {
  return (
    <main className="px-4 pt-16">
      <PageError />
    </main>
  );
}
