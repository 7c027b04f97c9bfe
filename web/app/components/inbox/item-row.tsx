import { Link } from '@remix-run/react';
import { Clock } from 'lucide-react';
import { useState } from 'react';
import { answerItem, snoozeItem } from '#server/contracts/inbox.ts';
import { actionWords, type InboxAction as Action } from '#workflows/domain/inbox.ts';
import { plural } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { TextArea } from '../field.tsx';
import { Menu, MenuItem } from '../menu.tsx';
import { Ago, Exact } from '../time.tsx';
import { itemKinds, reasonOf, type InboxItem } from './kinds.ts';
/** Actions with words; the others act at once. */
const worded: readonly Action[] = ['request_changes', 'reject', 'answer'];

/** What the words of an action are. */
const words: Partial<Record<Action, string>> = {
  request_changes: 'What has to change',
  reject: 'Why it is rejected',
};

const hour = 3_600_000;
/** Nine in the morning of the viewer's day so many days on. */
function morning(days: number): string {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(9, 0, 0, 0);
  return at.toISOString();
}
const snoozes = [
  { label: 'For an hour', until: () => new Date(Date.now() + hour).toISOString() },
  { label: 'Until tomorrow, 9:00', until: () => morning(1) },
  { label: 'For a week', until: () => morning(7) },
];

/** Something that waits, answered in place. */
export function ItemRow({ item }: { item: InboxItem }) {
  const answer = useCommand(answerItem);
  const snooze = useCommand(snoozeItem);
  const [writing, setWriting] = useState<Action | undefined>(item.kind === 'question' ? 'answer' : undefined);
  const [text, setText] = useState('');
  const { label, icon: Icon } = itemKinds[item.kind];
  const params = { id: item.id };
  const send = async (action: Action, written?: string) => {
    // The verdict is about what the person sees here.
    const isVerdict = action === 'approve' || action === 'request_changes';
    const seen = item.head_sha !== null && isVerdict ? { head_sha: item.head_sha } : {};
    const body = { action, ...(written ? { text: written } : {}), ...seen };
    if (await answer.run({ params, body })) setText('');
  };
  return (
    <li className="space-y-2 px-4 py-3" aria-label={item.title}>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <div className="min-w-0 flex-1 basis-60">
          <Link to={item.link} data-row className="font-medium break-words hover:underline">
            {item.title}
          </Link>
          <p className="text-sm break-words text-soft">{reasonOf(item)}</p>
          <p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
            <span>{label}</span>
            {item.priority === 'critical' && <Badge tone="bad">critical</Badge>}
            {item.blocks > 0 && <span>holds up {plural(item.blocks, 'task')}</span>}
            <Ago at={item.since} />
            {item.snoozed_until && (
              <span>
                hidden until <Exact at={item.snoozed_until} />
              </span>
            )}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {item.actions
            .filter((action) => item.kind !== 'question' || action !== 'answer')
            .map((action) => (
              <Button
                key={action}
                size="sm"
                busy={answer.busy}
                aria-expanded={worded.includes(action) ? writing === action : undefined}
                onClick={() =>
                  worded.includes(action) ? setWriting(writing === action ? undefined : action) : void send(action)
                }
              >
                {actionWords[action].order}
              </Button>
            ))}
          {item.snoozed_until ? (
            <Button size="sm" look="quiet" onClick={() => void snooze.run({ params, body: { until: null } })}>
              Show again
            </Button>
          ) : (
            <Menu
              trigger={
                <Button size="sm" look="quiet" aria-label={`Later: ${item.title}`} title="Hide for a while">
                  <Clock aria-hidden className="size-3.5" /> Later
                </Button>
              }
            >
              {snoozes.map(({ label: name, until }) => (
                <MenuItem key={name} onSelect={() => void snooze.run({ params, body: { until: until() } })}>
                  {name}
                </MenuItem>
              ))}
            </Menu>
          )}
        </div>
      </div>
      {writing && (
        <form
          className="space-y-2 pl-7"
          onSubmit={(event) => {
            event.preventDefault();
            void send(writing, text);
          }}
        >
          {item.options.length > 0 && (
            <div className="flex flex-wrap gap-2">
              {item.options.map((option) => (
                <Button key={option} size="sm" busy={answer.busy} onClick={() => void send('answer', option)}>
                  {option}
                </Button>
              ))}
            </div>
          )}
          <TextArea
            rows={2}
            required
            maxLength={20_000}
            aria-label={words[writing] ?? `Answer to: ${item.reason}`}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button size="sm" type="submit" look="primary" busy={answer.busy} disabled={!text.trim()}>
            {actionWords[writing].order}
          </Button>
        </form>
      )}
      <CommandError error={answer.error ?? snooze.error} />
    </li>
  );
}
