import { useNavigate } from '@remix-run/react';
import { useState } from 'react';
import type { Item } from '#server/contracts/client.ts';
import { changeMember, leaveOrganization, removeMember, type listMembers } from '#server/contracts/organizations.ts';
import { sentence } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks, useViewer } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { AlertDialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago } from '../time.tsx';
import { RoleSelect, type NamedOrganization, type NamedRole } from './invite.tsx';

type Member = Item<typeof listMembers>;

export function MembersTable({
  organization,
  members,
  roles,
}: {
  organization: NamedOrganization;
  members: readonly Member[];
  roles: readonly NamedRole[];
}) {
  const lacksChange = useLacks('org:members:write', organization.id);
  const columns: Column<Member>[] = [
    {
      id: 'name',
      head: 'Member',
      main: true,
      cell: (member) => (
        <span className="flex min-w-0 items-center gap-2">
          <RowTitle title={nameOf(member)} note={member.full_name && member.email} />
          {member.agent_id && <Badge title="A registered agent. Its key has this role.">Agent</Badge>}
          {!member.is_active &&
            (member.agent_id ? (
              <Badge tone="warn" title="The agent has ended, so its key does nothing.">
                Ended
              </Badge>
            ) : (
              <Badge tone="warn" title="An administrator of this installation deactivated the account.">
                Deactivated
              </Badge>
            ))}
        </span>
      ),
    },
    {
      id: 'joined',
      head: 'Joined',
      from: 'md',
      cell: (member) => <Ago at={member.created_at} className="text-xs text-muted" />,
    },
    {
      id: 'role',
      head: 'Role',
      cell: (member) =>
        lacksChange === undefined ? (
          <RoleOf organization={organization} member={member} roles={roles} />
        ) : (
          sentence(member.role)
        ),
    },
    {
      id: 'end',
      head: 'Membership',
      right: true,
      cell: (member) => <EndOf organization={organization} member={member} />,
    },
  ];
  return <Table label="Members" columns={columns} rows={members} />;
}

const nameOf = ({ full_name: name, email, agent_name: agent }: Member) => name ?? email ?? agent ?? 'a member';

function RoleOf({
  organization,
  member,
  roles,
}: {
  organization: NamedOrganization;
  member: Member;
  roles: readonly NamedRole[];
}) {
  const change = useCommand(changeMember);
  return (
    <>
      <RoleSelect
        roles={roles}
        value={member.role_id}
        label={`Role of ${nameOf(member)}`}
        disabled={change.busy}
        className="!h-8 !w-32 text-xs"
        onChange={(role) =>
          void change.run({ params: { id: organization.id, member_id: member.id }, body: { role_id: role } })
        }
      />
      <CommandError error={change.error} />
    </>
  );
}

/** Removes a member, or lets the viewer leave. The last owner stays, which the answer says. */
function EndOf({ organization, member }: { organization: NamedOrganization; member: Member }) {
  const own = useViewer().id === member.user_id;
  const lacks = useLacks('org:members:delete', organization.id);
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const remove = useCommand(removeMember);
  const leave = useCommand(leaveOrganization);
  const { busy, error } = own ? leave : remove;
  const params = { id: organization.id };
  const act = async () => {
    const ended = own ? await leave.run({ params }) : await remove.run({ params: { ...params, member_id: member.id } });
    if (!ended) return;
    setOpen(false);
    if (own) navigate('/organization');
  };
  const verb = own ? 'Leave' : 'Remove';
  return (
    <>
      <Button size="sm" look="quiet" because={own ? undefined : lacks} onClick={() => setOpen(true)}>
        {verb}
      </Button>
      <AlertDialog
        open={open}
        onClose={() => setOpen(false)}
        title={own ? `Leave ${organization.name}?` : `Remove ${nameOf(member)}?`}
        act={verb}
        busy={busy}
        error={error}
        onAct={() => void act()}
      >
        {own ? 'You' : 'They'} see nothing of {organization.name} any more. Work that was started goes on.
      </AlertDialog>
    </>
  );
}
