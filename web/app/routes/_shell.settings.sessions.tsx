import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listSessions, logoutAll } from '#server/contracts/auth.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { CommandError } from '../components/error-card.tsx';
import { SettingsFrame } from '../components/settings/frame.tsx';
import { SessionsTable } from '../components/settings/sessions-table.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useCommand } from '../lib/use-command.ts';

export const meta: MetaFunction = () => [{ title: 'Sessions · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
export const loader = (where: LoaderFunctionArgs) => apiFor(where)(listSessions, { query: { limit: 100 } });

export default function SessionsPage() {
  const { items } = useLoaderData<typeof loader>();
  const endAll = useCommand(logoutAll);
  const end = async () => {
    if (await endAll.run({})) window.location.assign('/sign-in');
  };
  return (
    <SettingsFrame
      page="sessions"
      note="Where you are signed in."
      aside={
        <Button busy={endAll.busy} onClick={() => void end()}>
          Sign out everywhere
        </Button>
      }
    >
      <CommandError error={endAll.error} />
      <Card flush>
        <SessionsTable sessions={items} />
      </Card>
    </SettingsFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
