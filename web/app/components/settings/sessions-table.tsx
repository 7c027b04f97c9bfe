import type { Item } from '#server/contracts/client.ts';
import { revokeSession, type listSessions } from '#server/contracts/auth.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago, Exact } from '../time.tsx';

type Session = Item<typeof listSessions>;

/** A browser and its system, as far as they say what they are. */
function deviceOf(agent: string | null): string {
  if (!agent) return 'Unknown device';
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
  const words = [browser, system].flatMap((word) => (word ? [names[word] ?? word] : []));
  return words.length > 0 ? words.join(' on ') : agent.slice(0, 60);
}

const columns: Column<Session>[] = [
  {
    id: 'device',
    head: 'Device',
    main: true,
    cell: ({ user_agent: agent, ip }) => (
      <RowTitle title={<span title={agent ?? undefined}>{deviceOf(agent)}</span>} note={ip} />
    ),
  },
  { id: 'used', head: 'Last used', right: true, cell: ({ last_used_at: at }) => <Ago at={at} /> },
  { id: 'since', head: 'Signed in', from: 'md', right: true, cell: ({ created_at: at }) => <Exact at={at} /> },
  {
    id: 'end',
    head: 'Session',
    right: true,
    cell: (session) => (session.current ? <Badge tone="good">This one</Badge> : <End session={session} />),
  },
];

/** The sign-ins of the person. */
export const SessionsTable = ({ sessions }: { sessions: readonly Session[] }) => (
  <Table label="Sessions" columns={columns} rows={sessions} />
);

function End({ session }: { session: Session }) {
  const revoke = useCommand(revokeSession);
  return (
    <>
      <Button
        size="sm"
        look="quiet"
        aria-label={`End ${deviceOf(session.user_agent)}`}
        busy={revoke.busy}
        onClick={() => void revoke.run({ params: { id: session.id } })}
      >
        End
      </Button>
      <CommandError error={revoke.error} />
    </>
  );
}
