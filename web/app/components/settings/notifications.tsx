import type { Answer } from '#server/contracts/client.ts';
import { changeNotificationSettings, type notificationSettings } from '#server/contracts/notifications.ts';
import {
  channels,
  digests,
  noticeKinds,
  type Channel,
  type NoticeKind,
} from '#workflows/domain/notifications/kinds.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput, Select } from '../field.tsx';
import { BrowserNotices } from './browser-notices.tsx';
import { Slack } from './slack.tsx';

type Settings = Answer<typeof notificationSettings>;

const kindNames: Record<NoticeKind, string> = {
  agent_complete: 'Work is done',
  agent_error: 'Work fails',
  agent_spawn: 'An agent starts',
  phase_transition: 'A phase passes its gate',
  gate_approval: 'Something waits for you',
  pr_created: 'A pull request is open',
  alert: 'An alert is raised',
  mentions: 'A comment mentions you',
};
const channelNames: Record<Channel, string> = { in_app: 'On pages', email: 'E-mail', slack: 'Slack' };
const digestNames = {
  instant: 'At once',
  daily: 'Once a day, at 9:00',
  weekly: 'On Mondays, at 9:00',
  never: 'Never, but for what is critical',
};

/** What the person is told. Each choice is stored when it is made. */
export function NotificationSettings({ settings }: { settings: Settings }) {
  const change = useCommand(changeNotificationSettings);
  const put = (body: Parameters<typeof change.run>[0]['body']) => void change.run({ body });
  return (
    <div className="max-w-3xl space-y-4">
      <CommandError error={change.error} />
      <Card title="What and how">
        <div className="overflow-x-auto">
          <table className="w-full text-sm">
            <thead>
              <tr className="text-left text-xs text-muted">
                <th scope="col" className="py-1 font-normal">
                  When
                </th>
                {channels.map((channel) => (
                  <th key={channel} scope="col" className="px-2 py-1 text-center font-normal">
                    {channelNames[channel]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {noticeKinds.map((kind) => (
                <tr key={kind} className="border-t">
                  <th scope="row" className="py-1.5 text-left font-normal">
                    {kindNames[kind]}
                  </th>
                  {channels.map((channel) => (
                    <td key={channel} className="px-2 text-center">
                      <span className="inline-flex min-h-6 items-center pointer-coarse:min-h-11">
                        <input
                          type="checkbox"
                          aria-label={`${kindNames[kind]}: ${channelNames[channel]}`}
                          className="size-4 accent-ink"
                          checked={settings.grid[kind][channel]}
                          disabled={change.busy}
                          onChange={(event) => put({ grid: { [kind]: { [channel]: event.target.checked } } })}
                        />
                      </span>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {!settings.mail_delivers && (
          <p className="mt-2 text-xs text-muted">
            This installation has no mail server: mails are kept in its local mailbox.
          </p>
        )}
      </Card>
      <Card title="When">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Mails and messages">
            <Select
              value={settings.digest}
              onChange={(event) => put({ digest: digests.find((one) => one === event.target.value) })}
            >
              {digests.map((digest) => (
                <option key={digest} value={digest}>
                  {digestNames[digest]}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="About">
            <Select
              value={settings.work}
              onChange={(event) => put({ work: event.target.value === 'all' ? 'all' : 'own' })}
            >
              <option value="own">Work that I started</option>
              <option value="all">All work of my organizations</option>
            </Select>
          </Field>
          <QuietHours settings={settings} put={put} />
        </div>
        <p className="mt-2 text-xs text-muted">
          In quiet hours only what is critical comes: work that failed as a whole, and what a launch says is worth
          waking you for. Equal times mean that no hour is quiet.
        </p>
      </Card>
      <BrowserNotices />
      <Slack slack={settings.slack} />
    </div>
  );
}

function QuietHours({ settings, put }: { settings: Settings; put: (body: Partial<Settings>) => void }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <Field label="Quiet from">
        <TextInput
          type="time"
          required
          defaultValue={settings.quiet_from}
          onBlur={({ target: { value } }) => value && value !== settings.quiet_from && put({ quiet_from: value })}
        />
      </Field>
      <Field label="Quiet until">
        <TextInput
          type="time"
          required
          defaultValue={settings.quiet_until}
          onBlur={({ target: { value } }) => value && value !== settings.quiet_until && put({ quiet_until: value })}
        />
      </Field>
      <Field label="Time zone">
        <TextInput
          key={settings.time_zone}
          defaultValue={settings.time_zone}
          onBlur={({ target: { value } }) => value.trim() !== settings.time_zone && put({ time_zone: value.trim() })}
        />
      </Field>
      {own !== settings.time_zone && (
        <p className="self-end">
          <Button onClick={() => put({ time_zone: own })}>Use {own}</Button>
        </p>
      )}
    </>
  );
}
