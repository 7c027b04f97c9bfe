import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listMails } from '#server/contracts/mails.ts';
import { Card, Empty, Notice } from '../components/card.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction = () => [{ title: 'Mailbox · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Mailbox' }] };

/** For administrators of the installation: the API refuses everybody else. */
export const loader = (where: LoaderFunctionArgs) => apiFor(where)(listMails, { query: { limit: 50 } });

export default function Mailbox() {
  const { delivers, items } = useLoaderData<typeof loader>();
  return (
    <>
      <PageTitle title="Mailbox" note="The newest 50 mails of this installation." />
      {!delivers && (
        <div className="mb-4">
          <Notice tone="warn">
            This is a local mailbox: no mail server is set (SMTP_URL), and none of these mails was sent.
          </Notice>
        </div>
      )}
      {items.length === 0 && <Empty title="There are no mails yet." />}
      <div className="space-y-3">
        {items.map(({ id, to, subject, text, state, error, created_at: at }) => (
          <Card key={id} title={subject} aside={<Ago at={at} className="text-xs text-muted" />}>
            <p className="mb-2 text-xs wrap-anywhere text-muted">
              To {to}: {state === 'kept' ? 'not sent, kept here' : state}
              {error && `. ${error}`}
            </p>
            <p className="text-sm wrap-anywhere whitespace-pre-wrap">{text}</p>
          </Card>
        ))}
      </div>
    </>
  );
}
