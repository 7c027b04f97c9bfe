import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import {
  addAlertEndpoint,
  removeAlertEndpoint,
  tryAlertEndpoint,
  type listAlertEndpoints,
} from '#server/contracts/alerts.ts';
import { fieldProblem } from '../../lib/field-problem.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Button } from '../button.tsx';
import { Card, Notice } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput } from '../field.tsx';
import { Ago } from '../time.tsx';
import { useToast } from '../toast.tsx';

type Endpoint = Answer<typeof listAlertEndpoints>['items'][number];

/** The addresses that take the organization's alerts. */
export function AlertEndpoints({ endpoints }: { endpoints: Endpoint[] }) {
  const add = useCommand(addAlertEndpoint);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Card title="Endpoints">
      {endpoints.length > 0 && (
        <ul className="mb-4 divide-y text-sm">
          {endpoints.map((endpoint) => (
            <EndpointRow key={endpoint.id} endpoint={endpoint} />
          ))}
        </ul>
      )}
      {secret && (
        <Notice tone="info">
          The secret with which its messages are signed. It is not shown again:{' '}
          <code className="break-all select-all">{secret}</code>
        </Notice>
      )}
      <CommandForm
        command={add}
        act="Add"
        look="secondary"
        buttonAt="start"
        problemsAt={['name', 'url']}
        onSubmit={async (fields) => {
          const body = { name: String(fields.get('name')), url: String(fields.get('url')).trim() };
          const added = await add.run({ body });
          if (added) setSecret(added.secret);
          return added;
        }}
      >
        <Field label="Name" error={fieldProblem(add.error, 'name', 'The name')}>
          <TextInput name="name" required maxLength={80} />
        </Field>
        <Field
          label="Address"
          error={fieldProblem(add.error, 'url', 'The address')}
          hint="It gets each alert by POST, signed as Standard Webhooks says."
        >
          <TextInput name="url" type="url" required maxLength={500} />
        </Field>
      </CommandForm>
    </Card>
  );
}

function EndpointRow({ endpoint: { id, name, url, failing_since, last_error, last_sent_at } }: { endpoint: Endpoint }) {
  const attempt = useCommand(tryAlertEndpoint);
  const remove = useCommand(removeAlertEndpoint);
  const toast = useToast();
  const params = { id };
  return (
    <li className="flex flex-wrap items-center justify-between gap-2 py-2">
      <div className="min-w-0">
        <p className="font-medium">{name}</p>
        <p className="text-xs break-all text-muted">{url}</p>
        <p className="text-xs text-muted">
          {failing_since ? (
            <>
              Takes nothing since <Ago at={failing_since} />: {last_error}
            </>
          ) : last_sent_at ? (
            <>
              Took a message <Ago at={last_sent_at} />
            </>
          ) : (
            'No message yet'
          )}
        </p>
        <CommandError error={attempt.error ?? remove.error} />
      </div>
      <span className="flex gap-2">
        <Button
          aria-label={`Try ${name}`}
          busy={attempt.busy}
          onClick={async () => {
            if (await attempt.run({ params })) toast(`A message is on its way to ${name}.`);
          }}
        >
          Try
        </Button>
        <Button
          aria-label={`Remove ${name}`}
          look="danger"
          busy={remove.busy}
          onClick={() => void remove.run({ params })}
        >
          Remove
        </Button>
      </span>
    </li>
  );
}
