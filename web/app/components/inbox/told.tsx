import { Link } from '@remix-run/react';
import type { Answer } from '#server/contracts/client.ts';
import { readNotifications, type listNotifications } from '#server/contracts/notifications.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card, Empty } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Ago, Exact } from '../time.tsx';

type Notice = Answer<typeof listNotifications>['items'][number];

/** What the person was told, the newest first. */
export function Told({ items, unread }: { items: Notice[]; unread: number }) {
  const read = useCommand(readNotifications);
  if (items.length === 0)
    return <Empty title="Nothing yet">What happens to your work is listed here. Your settings say what is.</Empty>;
  return (
    <Card
      title="What happened"
      flush
      aside={
        unread > 0 && (
          <Button size="sm" busy={read.busy} onClick={() => void read.run({ body: {} })}>
            Mark all as read
          </Button>
        )
      }
    >
      <CommandError error={read.error} />
      <ul className="divide-y">
        {items.map((item) => (
          <li key={item.id}>
            <Link
              to={item.link}
              data-row
              onClick={() => !item.read && void read.run({ body: { ids: [item.id] } })}
              className="block px-4 py-2 -outline-offset-2 hover:bg-hover"
            >
              <span className={`block break-words ${item.read ? 'text-soft' : 'font-medium'}`}>
                {!item.read && <span className="sr-only">unread: </span>}
                {item.subject ? `${item.subject}: ${item.text}` : item.text}
              </span>
              <span className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
                {item.severity === 'critical' && <Badge tone="bad">critical</Badge>}
                <Ago at={item.created_at} />
                {item.send_at && (
                  <span>
                    sent <Exact at={item.send_at} />
                  </span>
                )}
                {item.send_error && <span className="text-bad">{item.send_error}</span>}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
