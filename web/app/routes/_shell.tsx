import { Outlet, useLoaderData, type ShouldRevalidateFunction } from '@remix-run/react';
import { PageError } from '../components/page-error.tsx';
import { Shell } from '../components/shell/shell.tsx';
import { LiveProvider } from '../lib/live.tsx';
import { NowProvider, useClock } from '../lib/now.ts';
import { loadShell } from '../lib/shell.server.ts';

export const loader = loadShell;

let loaded = 0;
const rest = 3000;

/** Pages refresh often while agents work. The shell's counts may lag by three seconds; its own refresh catches up. */
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
      <LiveProvider key={shell.organization.id} after={shell.newest} organization={shell.organization.id}>
        <Shell {...shell} refreshMs={rest}>
          <Outlet />
        </Shell>
      </LiveProvider>
    </NowProvider>
  );
}

/** Shows errors of the shell's own data; pages have their own error boundary inside the shell. */
export function ErrorBoundary() {
  return (
    <main className="px-4 pt-16">
      <PageError />
    </main>
  );
}
