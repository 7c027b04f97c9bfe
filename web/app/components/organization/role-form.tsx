import { useState } from 'react';
import { createRole, updateRole } from '#server/contracts/organizations.ts';
import { fieldProblem } from '../../lib/field-problem.ts';
import { sentence } from '../../lib/format.ts';
import { permissionLines, whyNoParent, type RoleView } from '../../lib/role-permissions.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useRights } from '../../lib/viewer.ts';
import { CommandForm } from '../command-form.tsx';
import { Field, Select, TextInput } from '../field.tsx';
import { PermissionList } from './permission-list.tsx';

/** A new role, or a change of one: its name, the role that it inherits from, and its own permissions. */
export function RoleForm({
  organizationId,
  roles,
  role,
  onDone,
}: {
  organizationId: string;
  roles: readonly RoleView[];
  role?: RoleView;
  onDone: () => void;
}) {
  const [create, update] = [useCommand(createRole), useCommand(updateRole)];
  const command = role ? update : create;
  const { permissions: mine } = useRights(organizationId);
  const [name, setName] = useState(role?.name ?? '');
  const [parent, setParent] = useState(role?.inherits_from ?? null);
  const [own, setOwn] = useState<readonly string[]>(role?.permissions ?? []);
  const submit = async () => {
    const params = { id: organizationId };
    const body = { name: name.trim(), inherits_from: parent, permissions: [...own] };
    const done = role
      ? await update.run({ params: { ...params, role_id: role.id }, body })
      : await create.run({ params, body });
    if (done) onDone();
  };
  const toggle = (permission: string) =>
    setOwn(own.includes(permission) ? own.filter((one) => one !== permission) : [...own, permission]);
  return (
    <CommandForm
      command={command}
      act={role ? 'Save' : 'Create'}
      problemsAt={['name', 'inherits_from']}
      onCancel={onDone}
      onSubmit={submit}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label="Name"
          hint="Lower-case letters, digits, _ and -, such as release-manager."
          error={fieldProblem(command.error, 'name', 'The name')}
        >
          <TextInput
            required
            autoFocus
            maxLength={100}
            aria-invalid={fieldProblem(command.error, 'name', '') !== undefined}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field
          label="Inherits from"
          hint="It has all permissions of that role too."
          error={fieldProblem(command.error, 'inherits_from', 'The role')}
        >
          <Select value={parent ?? ''} onChange={(event) => setParent(event.target.value || null)}>
            <option value="">No role</option>
            {roles.map((one) => {
              const why = whyNoParent(roles, one, role?.id, mine);
              return (
                <option key={one.id} value={one.id} disabled={why !== undefined}>
                  {one.is_system ? sentence(one.name) : one.name}
                  {why && ` (${why})`}
                </option>
              );
            })}
          </Select>
        </Field>
      </div>
      <PermissionList topics={permissionLines(roles, { own, parent }, mine)} onToggle={toggle} />
    </CommandForm>
  );
}
