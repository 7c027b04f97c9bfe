import { useState } from 'react';
import { updateMe } from '#server/contracts/auth.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useViewer } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Field, TextInput } from '../field.tsx';

/** Who the person is. */
export function Profile() {
  const me = useViewer();
  const save = useCommand(updateMe);
  const [name, setName] = useState(me.full_name ?? '');
  const [department, setDepartment] = useState(me.department ?? '');
  const submit = () => save.run({ body: { full_name: name.trim() || null, department: department.trim() || null } });
  return (
    <Card title="Profile">
      <CommandForm command={save} act="Save" saved="Profile saved" buttonAt="start" onSubmit={submit}>
        <p className="flex flex-wrap items-center gap-2 text-sm">
          <span className="min-w-0 truncate">{me.email}</span>
          {me.is_verified ? <Badge tone="good">Verified</Badge> : <Badge tone="warn">Not verified</Badge>}
        </p>
        <Field label="Name">
          <TextInput value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Department">
          <TextInput value={department} maxLength={200} onChange={(event) => setDepartment(event.target.value)} />
        </Field>
      </CommandForm>
    </Card>
  );
}
