import { useLocation } from '@remix-run/react';
import { useState } from 'react';
import type { z } from 'zod';
import type { githubConnectionStatus } from '#server/contracts/github-connection.ts';
import {
  connectGithub,
  disconnectGithub,
  syncGithub,
  type githubConnected,
} from '#server/contracts/github-projects.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card, Notice } from '../card.tsx';
import { AlertDialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { useToast } from '../toast.tsx';
import { Ago } from '../time.tsx';
import { ConnectGithub } from './connect-github.tsx';
import { RepositoryPicker, type Repository } from './repository-picker.tsx';

export type Connected = z.output<(typeof githubConnected)['response']>['items'][number];
type Status = z.output<(typeof githubConnectionStatus)['response']>;

const Line = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1.5">
    <dt className="w-28 shrink-0 text-xs text-muted">{name}</dt>
    <dd className="min-w-0 flex-1 break-all">{children}</dd>
  </div>
);

/** The repository at GitHub of a project: whose account serves it, its webhook, and what can be done about them. */
export function ProjectGithub({
  projectId,
  connected,
  status,
}: {
  projectId: string;
  connected: Connected | undefined;
  status: Status;
}) {
  if (!connected) return <Choose projectId={projectId} status={status} />;
  return <Shown projectId={projectId} connected={connected} status={status} />;
}

function Choose({ projectId, status }: { projectId: string; status: Status }) {
  const lacks = useLacks('project:safety:write');
  const connect = useCommand(connectGithub);
  const [picked, setPicked] = useState<Repository>();
  const submit = async () => {
    if (picked)
      await connect.run({ query: { project_id: projectId }, body: { owner: picked.owner, repo: picked.name } });
  };
  return (
    <Card title="Repository at GitHub">
      {status.available ? (
        <div className="max-w-xl space-y-3">
          <p className="text-sm text-muted">
            Connected, its pushes and pull requests use your account, and what people do at GitHub is taken over.
          </p>
          <RepositoryPicker projectId={projectId} status={status} chosen={picked} onChoose={setPicked} />
          <CommandError error={connect.error} />
          {status.connected && (
            <Button look="primary" because={lacks} disabled={!picked} busy={connect.busy} onClick={() => void submit()}>
              Connect {picked?.full_name ?? 'a repository'}
            </Button>
          )}
        </div>
      ) : (
        <Notice tone="info">{status.remedy}</Notice>
      )}
    </Card>
  );
}

function Shown({ projectId, connected, status }: { projectId: string; connected: Connected; status: Status }) {
  const { pathname } = useLocation();
  const toast = useToast();
  const lacks = useLacks('project:safety:write');
  const mayNotSync = useLacks('project:write');
  const [again, sync, end] = [useCommand(connectGithub), useCommand(syncGithub), useCommand(disconnectGithub)];
  const [asks, setAsks] = useState(false);
  const query = { project_id: projectId };
  const [owner = '', repo = ''] = connected.full_name.split('/');
  const { webhook, login } = connected;
  const bringIn = async () => {
    const done = await sync.run({ query });
    if (done) toast(`Up to date. ${done.pull_requests.length} open pull requests at GitHub.`);
  };
  return (
    <Card title="Repository at GitHub">
      <dl className="divide-y text-sm">
        <Line name="Repository">
          {connected.full_name}, {connected.default_branch}
          {connected.problem && <p className="mt-1 text-xs text-warn">{connected.problem}</p>}
        </Line>
        <Line name="Account">
          {login ?? <Badge tone="bad">The connection has ended</Badge>}
          {!login && (
            <p className="mt-1 text-xs text-muted">
              Its owner disconnected it or left, or GitHub ended it, so nothing is pushed. Connect your account, then
              connect the repository again.
            </p>
          )}
        </Line>
        <Line name="Webhook">
          {webhook.registered ? <Badge tone="good">Registered</Badge> : <Badge tone="warn">Not registered</Badge>}
          {webhook.problem && <p className="mt-1 text-xs text-warn">{webhook.problem}</p>}
          <p className="figures mt-1 text-xs text-muted">{webhook.url}</p>
        </Line>
        <Line name="Last delivery">
          {webhook.last_event && webhook.last_event_at ? (
            <>
              {webhook.last_event}, <Ago at={webhook.last_event_at} />
            </>
          ) : (
            'None yet'
          )}
        </Line>
        <Line name="Last update">{connected.synced_at ? <Ago at={connected.synced_at} /> : 'With the next work'}</Line>
      </dl>
      <div className="mt-4 flex flex-wrap items-start gap-2">
        <Button because={mayNotSync} busy={sync.busy} onClick={() => void bringIn()}>
          Bring up to date
        </Button>
        {status.connected ? (
          <Button because={lacks} busy={again.busy} onClick={() => void again.run({ query, body: { owner, repo } })}>
            Connect again as {status.login}
          </Button>
        ) : (
          status.available && <ConnectGithub again to={pathname} />
        )}
        <Button look="danger" because={lacks} onClick={() => setAsks(true)}>
          Disconnect
        </Button>
      </div>
      <CommandError error={sync.error ?? again.error} />
      <AlertDialog
        open={asks}
        onClose={() => setAsks(false)}
        title="Disconnect the repository?"
        keep="Keep it"
        act="Disconnect"
        busy={end.busy}
        error={end.error}
        onAct={async () => {
          if (await end.run({ query })) setAsks(false);
        }}
      >
        The webhook is removed, and work on this project can neither push nor open pull requests with this account. The
        repository and its branches stay as they are.
      </AlertDialog>
    </Card>
  );
}
