import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listInbox } from '#server/contracts/inbox.ts';
import { listNotifications } from '#server/contracts/notifications.ts';
import { ButtonLink } from '../components/button.tsx';
import { Card, Empty } from '../components/card.tsx';
import { ItemRow } from '../components/inbox/item-row.tsx';
import { Told } from '../components/inbox/told.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Tabs } from '../components/tabs.tsx';
import { TextLink } from '../components/text-link.tsx';
import { apiFor } from '../lib/api.server.ts';
import { plural } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Inbox · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Inbox' }] };

export async function loader(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const search = new URL(where.request.url).searchParams;
  const snoozed = search.get('snoozed') === 'true' ? 'true' : 'false';
  const [inbox, told] = await Promise.all([
    api(listInbox, { query: { snoozed } }),
    // A role may lack the right to read work.
    api(listNotifications, { query: { limit: 100 } }).catch(() => ({ items: [], unread: 0 })),
  ]);
  return { inbox, told, tab: search.get('tab') === 'told' ? 'told' : 'waiting', snoozed: snoozed === 'true' };
}

const listed = /^(spec\.|run\.(created|status_changed|ended)|question\.|pull_request\.|ticket\.|task\.|agent\.)/;

export default function InboxPage() {
  const { inbox, told, tab, snoozed } = useLoaderData<typeof loader>();
  useRefreshOn((event) => listed.test(event.type));
  return (
    <div className="mx-auto max-w-4xl space-y-4">
      <PageTitle title="Inbox" note="What waits for a person, by what it holds up.">
        <ButtonLink to="/gates">Gates</ButtonLink>
        <ButtonLink to="/report">Morning report</ButtonLink>
      </PageTitle>
      <Tabs
        label="Parts of the inbox"
        active={tab}
        tabs={[
          { id: 'waiting', label: 'Waiting for you', count: inbox.items.length },
          { id: 'told', label: 'What happened', count: told.unread || undefined },
        ]}
      />
      {tab === 'told' ? (
        <Told items={told.items} unread={told.unread} />
      ) : (
        <>
          {inbox.items.length === 0 ? (
            <Empty title="Nothing waits for you">Gates, questions, reviews and failures come here.</Empty>
          ) : (
            <Card flush>
              <ul className="divide-y">
                {inbox.items.map((item) => (
                  <ItemRow key={item.id} item={item} />
                ))}
              </ul>
            </Card>
          )}
          {inbox.snoozed > 0 && (
            <p className="text-xs text-muted">
              <TextLink to={snoozed ? '/inbox' : '/inbox?snoozed=true'}>
                {snoozed ? 'Hide' : 'Show'} {plural(inbox.snoozed, 'item')} for later
              </TextLink>
            </p>
          )}
        </>
      )}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
