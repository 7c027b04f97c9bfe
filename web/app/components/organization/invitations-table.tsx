import type { Item } from '#server/contracts/client.ts';
import { resendInvitation, revokeInvitation, type listInvitations } from '#server/contracts/invitations.ts';
import { sentence } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Exact } from '../time.tsx';
import type { NamedOrganization } from './invite.tsx';

type Invitation = Item<typeof listInvitations>;

/** Invitations that wait for their answer, and those whose link has ended. */
export function InvitationsTable({
  organization,
  invitations,
}: {
  organization: NamedOrganization;
  invitations: readonly Invitation[];
}) {
  const columns: Column<Invitation>[] = [
    {
      id: 'email',
      head: 'Invited',
      main: true,
      cell: ({ email }) => <RowTitle title={email} />,
    },
    { id: 'role', head: 'Role', from: 'sm', cell: ({ role }) => sentence(role) },
    {
      id: 'until',
      head: 'Link works until',
      from: 'md',
      cell: ({ is_expired: isExpired, expires_at: at }) =>
        isExpired ? <Badge tone="warn">Expired</Badge> : <Exact at={at} />,
    },
    {
      id: 'commands',
      head: 'Invitation',
      right: true,
      cell: (invitation) => <Commands organization={organization} invitation={invitation} />,
    },
  ];
  return <Table label="Invitations" columns={columns} rows={invitations} />;
}

function Commands({ organization, invitation }: { organization: NamedOrganization; invitation: Invitation }) {
  const lacks = useLacks('org:members:write', organization.id);
  const resend = useCommand(resendInvitation);
  const revoke = useCommand(revokeInvitation);
  const params = { id: organization.id, invitation_id: invitation.id };
  return (
    <>
      <Button size="sm" look="quiet" because={lacks} busy={resend.busy} onClick={() => void resend.run({ params })}>
        Send again
      </Button>
      <Button size="sm" look="quiet" because={lacks} busy={revoke.busy} onClick={() => void revoke.run({ params })}>
        Revoke
      </Button>
      <CommandError error={resend.error ?? revoke.error} />
    </>
  );
}
