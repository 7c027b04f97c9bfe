import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { createInvitation } from '#server/contracts/invitations.ts';
import { sentence } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, Select, TextInput } from '../field.tsx';

export interface NamedOrganization {
  id: string;
  name: string;
}
export interface NamedRole {
  id: string;
  name: string;
  is_system: boolean;
}

/** Invites an address by mail. */
export function Invite({ organization, roles }: { organization: NamedOrganization; roles: readonly NamedRole[] }) {
  const [open, setOpen] = useState(false);
  const lacks = useLacks('org:members:write', organization.id);
  return (
    <>
      <Button look="primary" because={lacks} onClick={() => setOpen(true)}>
        <UserPlus aria-hidden className="size-4" /> Invite
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Invite to ${organization.name}`}>
        <InviteForm organization={organization} roles={roles} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function InviteForm({
  organization,
  roles,
  onDone,
}: {
  organization: NamedOrganization;
  roles: readonly NamedRole[];
  onDone: () => void;
}) {
  const invite = useCommand(createInvitation);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState(roles.find(({ name }) => name === 'member')?.id ?? roles[0]?.id ?? '');
  const submit = async () => {
    if (await invite.run({ params: { id: organization.id }, body: { email: email.trim(), role_id: role } })) onDone();
  };
  return (
    <CommandForm command={invite} act="Invite" onSubmit={submit}>
      <Field label="E-mail" hint="They get a link that works for a week.">
        <TextInput type="email" required autoFocus value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Field label="Role">
        <RoleSelect roles={roles} value={role} onChange={setRole} />
      </Field>
    </CommandForm>
  );
}

export const RoleSelect = ({
  roles,
  value,
  onChange,
  label,
  disabled,
  className,
}: {
  roles: readonly NamedRole[];
  value: string;
  onChange: (id: string) => void;
  /** Its name where no field has one. */ label?: string;
  disabled?: boolean;
  className?: string;
}) => (
  <Select
    aria-label={label}
    value={value}
    disabled={disabled}
    onChange={(event) => onChange(event.target.value)}
    className={className}
  >
    {roles.map(({ id, name, is_system: isSystem }) => (
      <option key={id} value={id}>
        {isSystem ? sentence(name) : name}
      </option>
    ))}
  </Select>
);
