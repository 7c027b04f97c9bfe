import { useState } from 'react';
import type { Answer, Input } from '#server/contracts/client.ts';
import * as contracts from '#server/contracts/credentials.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card, Empty, Notice } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { AlertDialog, Dialog } from '../dialog.tsx';
import { Field, Select, TextInput } from '../field.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';

type Keys = Answer<typeof contracts.listCredentials>;
type Key = Keys['items'][number];
type Changes = Input<typeof contracts.updateCredential>['body'];
type Owner = { organization?: string };

const titles: Record<string, string> = { anthropic: 'Anthropic', openai: 'OpenAI' };

/** The own model keys of an organization, or of the person. */
export function ModelKeys({ keys, organization }: { keys: Keys } & Owner) {
  const columns: Column<Key>[] = [
    {
      id: 'name',
      head: 'Key',
      main: true,
      cell: (key) => (
        <RowTitle
          title={key.name}
          note={[titles[key.provider] ?? key.provider, `…${key.last_four}`, key.base_url].filter(Boolean).join(', ')}
        />
      ),
    },
    { id: 'model', head: 'Model', from: 'md', cell: ({ model }) => model ?? 'Usual one' },
    { id: 'default', head: 'Used', from: 'sm', cell: (key) => key.is_default && <Badge tone="good">Default</Badge> },
    { id: 'commands', head: 'Change', right: true, cell: (key) => <Commands of={key} organization={organization} /> },
  ];
  return (
    <>
      {!keys.allowed && (
        <Notice tone="warn">The plan of this organization has no own model keys, so the platform’s key is used.</Notice>
      )}
      <Card flush>
        {keys.items.length === 0 ? (
          <Empty title="No model keys">The platform’s key is used.</Empty>
        ) : (
          <Table label="Model keys" columns={columns} rows={keys.items} />
        )}
      </Card>
    </>
  );
}

/** The calls of the owner. Keys of an organization need the permission to change it. */
function useKeyCommands({ organization }: Owner) {
  const [createIn, createOwn] = [
    useCommand(contracts.createOrganizationCredential),
    useCommand(contracts.createCredential),
  ];
  const [updateIn, updateOwn] = [
    useCommand(contracts.updateOrganizationCredential),
    useCommand(contracts.updateCredential),
  ];
  const [removeIn, removeOwn] = [
    useCommand(contracts.removeOrganizationCredential),
    useCommand(contracts.removeCredential),
  ];
  const lacks = useLacks('org:write', organization);
  const both = [createIn, createOwn, updateIn, updateOwn, removeIn, removeOwn];
  return {
    lacks: organization === undefined ? undefined : lacks,
    busy: both.some(({ busy }) => busy),
    error: both.find(({ error }) => error)?.error,
    create: (body: Input<typeof contracts.createCredential>['body']) =>
      organization ? createIn.run({ params: { id: organization }, body }) : createOwn.run({ body }),
    update: (id: string, body: Changes) =>
      organization
        ? updateIn.run({ params: { id: organization, credential_id: id }, body })
        : updateOwn.run({ params: { id }, body }),
    remove: (id: string) =>
      organization
        ? removeIn.run({ params: { id: organization, credential_id: id } })
        : removeOwn.run({ params: { id } }),
  };
}

function Commands({ of, organization }: { of: Key } & Owner) {
  const commands = useKeyCommands({ organization });
  const { lacks, busy } = commands;
  const [open, setOpen] = useState<'replace' | 'remove'>();
  const [key, setKey] = useState('');
  const close = () => setOpen(undefined);
  return (
    <>
      {!of.is_default && (
        <Button
          size="sm"
          look="quiet"
          because={lacks}
          busy={busy}
          onClick={() => void commands.update(of.id, { is_default: true })}
        >
          Use
        </Button>
      )}
      <Button size="sm" look="quiet" because={lacks} onClick={() => setOpen('replace')}>
        Replace
      </Button>
      <Button size="sm" look="quiet" because={lacks} onClick={() => setOpen('remove')}>
        Remove
      </Button>
      <Dialog open={open === 'replace'} onClose={close} title={`Replace the key ${of.name}`}>
        <CommandForm
          command={commands}
          act="Replace"
          onSubmit={() => commands.update(of.id, { api_key: key.trim() }).then((done) => done && close())}
        >
          <Field label="New API key" hint="Runs that wait for this key continue.">
            <TextInput
              type="password"
              required
              autoFocus
              autoComplete="off"
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          </Field>
        </CommandForm>
      </Dialog>
      <AlertDialog
        open={open === 'remove'}
        onClose={close}
        title={`Remove the key ${of.name}?`}
        act="Remove key"
        busy={busy}
        error={commands.error}
        onAct={() => void commands.remove(of.id).then((done) => done && close())}
      >
        Work under way continues with another key, or with the platform’s.
      </AlertDialog>
    </>
  );
}

/** Adds a key. */
export function NewModelKey({ organization, allowed }: { allowed: boolean } & Owner) {
  const [open, setOpen] = useState(false);
  const { lacks } = useKeyCommands({ organization });
  return (
    <>
      <Button
        look="primary"
        because={lacks ?? (allowed ? undefined : 'The plan of this organization has no own model keys')}
        onClick={() => setOpen(true)}
      >
        New model key
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="New model key">
        <NewKeyForm organization={organization} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function NewKeyForm({ organization, onDone }: { onDone: () => void } & Owner) {
  const commands = useKeyCommands({ organization });
  const [fields, setFields] = useState({ provider: 'anthropic', name: '', api_key: '', base_url: '', model: '' });
  const input = (name: keyof typeof fields) => ({
    value: fields[name],
    onChange: ({ target }: { target: { value: string } }) => setFields({ ...fields, [name]: target.value }),
  });
  const submit = async () => {
    const { provider, name, api_key: key, base_url: url, model } = fields;
    const made = await commands.create({
      provider: provider === 'openai' ? 'openai' : 'anthropic',
      name: name.trim(),
      api_key: key.trim(),
      base_url: url.trim() || undefined,
      model: model.trim() || undefined,
    });
    if (made) onDone();
  };
  return (
    <CommandForm command={commands} act="Add key" onSubmit={submit}>
      <Field label="Provider">
        <Select {...input('provider')}>
          {Object.entries(titles).map(([id, title]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Name">
        <TextInput required autoFocus maxLength={100} {...input('name')} />
      </Field>
      <Field label="API key" hint="Stored encrypted. Only its last four characters are shown.">
        <TextInput type="password" required autoComplete="off" {...input('api_key')} />
      </Field>
      <Field label="Address" hint="Empty: the provider’s own. Else https://, such as a gateway of yours.">
        <TextInput type="url" {...input('base_url')} />
      </Field>
      <Field label="Model" hint="Empty: the usual one.">
        <TextInput maxLength={200} {...input('model')} />
      </Field>
    </CommandForm>
  );
}
