import { Outlet, useLoaderData, type ShouldRevalidateFunction } from '@remix-run/react';
import type { ReactNode } from 'react';
import { PageError } from '../components/page-error.tsx';
import { Shell } from '../components/shell/shell.tsx';
import { LiveProvider } from '../lib/live.tsx';
import { useHandles } from '../lib/page-handle.ts';
import { NowProvider, useClock } from '../lib/now.ts';
import { loadShell } from '../lib/shell.server.ts';
import { useFollowAccount } from '../lib/use-preference.ts';

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
  useFollowAccount(shell.me);
  return (
    <NowProvider value={now}>
      <LiveProvider key={shell.organization.id} after={shell.newest} organization={shell.organization.id}>
        <Shell shell={shell} refreshMs={rest}>
          <RecordFeed chosen={shell.organization.id}>
            <Outlet />
          </RecordFeed>
        </Shell>
      </LiveProvider>
    </NowProvider>
  );
}

/** A record of another organization than the chosen one is shown with the events of its own. */
function RecordFeed({ chosen, children }: { chosen: string; children: ReactNode }) {
  const [own] = useHandles(({ organization }, data) => [organization?.(data)]).filter(Boolean);
  if (!own || own === chosen) return children;
  return (
    <LiveProvider key={own} organization={own}>
      {children}
    </LiveProvider>
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
