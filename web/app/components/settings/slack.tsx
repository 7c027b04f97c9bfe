import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { connectSlack, disconnectSlack, type notificationSettings } from '#server/contracts/notifications.ts';
import { createSlackCode, unlinkSlack } from '#server/contracts/slack.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput } from '../field.tsx';
import { Exact } from '../time.tsx';

type Settings = Answer<typeof notificationSettings>;

/** Where a person's messages go at Slack, and who they are there. */
export function Slack({ slack }: { slack: Settings['slack'] }) {
  const connect = useCommand(connectSlack);
  const disconnect = useCommand(disconnectSlack);
  const [url, setUrl] = useState('');
  return (
    <Card title="Slack">
      {slack.connected ? (
        <div className="flex flex-wrap items-center justify-between gap-3 text-sm">
          <span>Messages go to a channel at {slack.host}.</span>
          <Button busy={disconnect.busy} onClick={() => void disconnect.run({})}>
            Disconnect
          </Button>
        </div>
      ) : (
        <form
          className="space-y-3"
          onSubmit={async (event) => {
            event.preventDefault();
            if (await connect.run({ body: { webhook_url: url.trim() } })) setUrl('');
          }}
        >
          <Field
            label="Address of an incoming webhook"
            hint="Create it at Slack for the channel that takes your messages. It is stored encrypted, and never shown again."
          >
            <TextInput
              type="url"
              required
              maxLength={500}
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          </Field>
          <Button type="submit" busy={connect.busy}>
            Connect
          </Button>
        </form>
      )}
      <CommandError error={connect.error ?? disconnect.error} />
      {slack.buttons && <Buttons people={slack.people} />}
    </Card>
  );
}

/** Who presses buttons at Slack in the name of the person. A code that is written at Slack adds one. */
function Buttons({ people }: { people: Settings['slack']['people'] }) {
  const create = useCommand(createSlackCode);
  const unlink = useCommand(unlinkSlack);
  const [made, setMade] = useState<Answer<typeof createSlackCode>>();
  return (
    <section aria-label="Buttons at Slack" className="mt-4 space-y-3 border-t pt-3 text-sm">
      <p>
        {people.length > 0
          ? `What ${people.map(({ name }) => name).join(', ')} presses at Slack is done in your name.`
          : 'Messages have buttons. Press one at Slack, and write a code of yours when you are asked for it.'}
      </p>
      {made?.code && (
        <p role="status">
          Your code is <code className="figures rounded-sm bg-subtle px-1 break-all select-all">{made.code}</code>. It
          works once, until <Exact at={made.expires_at} />. Give it to nobody: whoever writes it at Slack acts as you.
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button busy={create.busy} onClick={() => void create.run({}).then((answer) => answer && setMade(answer))}>
          Create a code
        </Button>
        {people.length > 0 && (
          <Button look="danger" busy={unlink.busy} onClick={() => void unlink.run({})}>
            Unlink
          </Button>
        )}
      </div>
      <CommandError error={create.error ?? unlink.error} />
    </section>
  );
}
