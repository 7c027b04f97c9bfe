import { Plus } from 'lucide-react';
import { useState } from 'react';
import { deleteRole } from '#server/contracts/organizations.ts';
import { missing, wordsOfRoles } from '#workflows/domain/access/permissions.ts';
import { sentence } from '../../lib/format.ts';
import { parentsOf, permissionLines, type RoleView } from '../../lib/role-permissions.ts';
import { useCommand } from '../../lib/use-command.ts';
import { lackOf, useLacks, useRights } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { AlertDialog, Dialog } from '../dialog.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { PermissionList } from './permission-list.tsx';
import { RoleForm } from './role-form.tsx';

interface Roles {
  organizationId: string;
  roles: readonly RoleView[];
}

/** Makes a role. */
export function NewRole({ organizationId, roles }: Roles) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button look="primary" because={useLacks('org:write', organizationId)} onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-4" /> New role
      </Button>
      <Dialog open={open} onClose={close} title="New role" wide>
        <RoleForm organizationId={organizationId} roles={roles} onDone={close} />
      </Dialog>
    </>
  );
}

/** The roles, with what they allow and from whom they inherit. */
export function RolesTable({ organizationId, roles }: Roles) {
  const columns: Column<RoleView>[] = [
    {
      id: 'name',
      head: 'Role',
      main: true,
      cell: ({ id, name, is_system: isSystem }) => (
        <RowTitle title={isSystem ? sentence(name) : name} note={inheritance(parentsOf(roles, id))} />
      ),
    },
    { id: 'kind', head: 'Kind', from: 'sm', cell: ({ is_system: isSystem }) => isSystem && <Badge>System</Badge> },
    {
      id: 'commands',
      head: 'Change',
      right: true,
      cell: (role) => <Commands organizationId={organizationId} roles={roles} role={role} />,
    },
  ];
  return <Table label="Roles" columns={columns} rows={roles} />;
}

const inheritance = (parents: readonly string[]) => parents.length > 0 && `inherits from ${parents.join(', then ')}`;

function Commands({ organizationId, roles, role }: Roles & { role: RoleView }) {
  const [open, setOpen] = useState<'show' | 'change' | 'delete'>();
  const close = () => setOpen(undefined);
  const rights = useRights(organizationId);
  const remove = useCommand(deleteRole);
  const lacks = lackOf(rights, 'org:write');
  const beyond = missing(rights.permissions, role.all_permissions);
  const parent = parentsOf(roles, role.id);
  const quiet = { size: 'sm', look: 'quiet' } as const;
  return (
    <>
      <Button {...quiet} aria-label={`Show ${role.name}`} onClick={() => setOpen('show')}>
        Show
      </Button>
      {!role.is_system && (
        <>
          <Button
            {...quiet}
            because={lacks ?? (beyond.length > 0 ? `It allows what you may not do: ${beyond.join(', ')}` : undefined)}
            aria-label={`Change ${role.name}`}
            onClick={() => setOpen('change')}
          >
            Change
          </Button>
          <Button {...quiet} because={lacks} aria-label={`Delete ${role.name}`} onClick={() => setOpen('delete')}>
            Delete
          </Button>
        </>
      )}
      <Dialog open={open === 'show'} onClose={close} title={`What ${role.name} allows`} wide>
        <p className="mb-3 text-sm text-muted">
          {role.is_system
            ? `${wordsOfRoles[role.name as keyof typeof wordsOfRoles]} A role of the system stays as it is.`
            : 'A role of this organization.'}
          {parent.length > 0 && ` It ${inheritance(parent) || ''}.`}
        </p>
        <PermissionList
          topics={permissionLines(roles, { own: role.permissions, parent: role.inherits_from }, ['*:*'])}
        />
      </Dialog>
      <Dialog open={open === 'change'} onClose={close} title={`Change the role ${role.name}`} wide>
        <RoleForm organizationId={organizationId} roles={roles} role={role} onDone={close} />
      </Dialog>
      <AlertDialog
        open={open === 'delete'}
        onClose={close}
        title={`Delete the role ${role.name}?`}
        act="Delete the role"
        busy={remove.busy}
        error={remove.error}
        onAct={() =>
          void remove.run({ params: { id: organizationId, role_id: role.id } }).then((done) => done && close())
        }
      >
        Nobody can have it any more. A role that a member has, or that another role inherits from, is kept.
      </AlertDialog>
    </>
  );
}
