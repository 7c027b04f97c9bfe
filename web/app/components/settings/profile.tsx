import { useState } from 'react';
import { updateMe } from '#server/contracts/auth.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useViewer } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput } from '../field.tsx';
import { useToast } from '../toast.tsx';

/** Who the person is. */
export function Profile() {
  const me = useViewer();
  const save = useCommand(updateMe);
  const toast = useToast();
  const [name, setName] = useState(me.full_name ?? '');
  const [department, setDepartment] = useState(me.department ?? '');
  const submit = async () => {
    const body = { full_name: name.trim() || null, department: department.trim() || null };
    if (await save.run({ body })) toast('Profile saved');
  };
  return (
    <Card title="Profile">
      <form
        className="max-w-md space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
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
        <CommandError error={save.error} />
        <Button type="submit" look="primary" busy={save.busy}>
          Save
        </Button>
      </form>
    </Card>
  );
}
