import { useState } from 'react';
import type { Item } from '#server/contracts/client.ts';
import { createApiKey, revokeApiKey, type listApiKeys } from '#server/contracts/api-keys.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useOrganization } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, Select, TextInput } from '../field.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago } from '../time.tsx';

type ApiKey = Item<typeof listApiKeys>;

const reading = ['org:read', 'project:read', 'document:read', 'ticket:read', 'task:read', 'agent:read'];
const working = ['project:write', 'document:write', 'ticket:write', 'task:write'];
/** What a key may do. It can never do more than the person. */
const rights = [
  { id: 'read', label: 'Read', scopes: reading },
  { id: 'work', label: 'Read, and start and steer work', scopes: [...reading, ...working] },
  { id: 'all', label: 'All that I may do', scopes: ['*:*'] },
];
const labelOf = (scopes: readonly string[]) =>
  rights.find((right) => right.scopes.length === scopes.length && right.scopes.every((one) => scopes.includes(one)))
    ?.label ?? scopes.join(' ');

const columns: Column<ApiKey>[] = [
  {
    id: 'name',
    head: 'Key',
    main: true,
    cell: ({ name, key_prefix: prefix }) => <RowTitle title={name} note={<span className="figures">{prefix}…</span>} />,
  },
  { id: 'rights', head: 'May', from: 'md', cell: ({ scopes }) => labelOf(scopes) },
  {
    id: 'used',
    head: 'Last used',
    right: true,
    cell: ({ last_used_at: at }) => (at ? <Ago at={at} /> : 'Never'),
  },
  { id: 'revoke', head: 'Revoke', right: true, cell: (key) => <Revoke apiKey={key} /> },
];

export const ApiKeysTable = ({ keys }: { keys: readonly ApiKey[] }) => (
  <Table label="API keys" columns={columns} rows={keys} />
);

function Revoke({ apiKey }: { apiKey: ApiKey }) {
  const revoke = useCommand(revokeApiKey);
  return (
    <>
      <Button
        size="sm"
        look="quiet"
        aria-label={`Revoke ${apiKey.name}`}
        busy={revoke.busy}
        onClick={() => void revoke.run({ params: { id: apiKey.id } })}
      >
        Revoke
      </Button>
      <CommandError error={revoke.error} />
    </>
  );
}

/** Makes a key for the organization that the pages show, and shows it once. */
export function NewApiKey() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        New API key
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="New API key">
        <NewKeyForm onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function NewKeyForm({ onDone }: { onDone: () => void }) {
  const organization = useOrganization();
  const create = useCommand(createApiKey);
  const [name, setName] = useState('');
  const [right, setRight] = useState('read');
  const [key, setKey] = useState<string | null>();
  const submit = async () => {
    const scopes = rights.find(({ id }) => id === right)?.scopes ?? reading;
    const made = await create.run({ body: { name: name.trim(), scopes, organization_id: organization.id } });
    if (made) setKey(made.key);
  };
  if (key)
    return (
      <div className="space-y-3 text-sm">
        <p>Copy the key now. It is not shown again.</p>
        <code className="block rounded-md border bg-subtle p-2 text-xs break-all">{key}</code>
        <div className="flex justify-end">
          <Button look="primary" onClick={onDone}>
            I have copied it
          </Button>
        </div>
      </div>
    );
  return (
    <CommandForm command={create} act="Make key" onSubmit={submit}>
      <Field label="Name">
        <TextInput required autoFocus maxLength={255} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="May" hint={`In ${organization.name}, and never more than you may.`}>
        <Select value={right} onChange={(event) => setRight(event.target.value)}>
          {rights.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
    </CommandForm>
  );
}
