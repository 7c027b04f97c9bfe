import { useCallback, useEffect, useState } from 'react';
import { type ApiError, type Answer, type Item } from '#server/contracts/client.ts';
import { listStripeInvoices } from '#server/contracts/payments.ts';
import { asApiError, call } from '../../lib/browser-api.ts';
import { dollars } from '../../lib/format.ts';
import { useMore } from '../../lib/use-more.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { MoreButton } from '../more-button.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago } from '../time.tsx';
import { InvoiceStatus } from './invoices-table.tsx';

type Invoice = Item<typeof listStripeInvoices>;

function Outside({ to, children }: { to: string; children: string }) {
  return (
    <a href={to} target="_blank" rel="noreferrer" className="underline underline-offset-2 hover:text-ink">
      {children}
    </a>
  );
}

const columns: Column<Invoice>[] = [
  {
    id: 'number',
    head: 'Invoice',
    main: true,
    cell: ({ number, url, created_at }) => (
      <RowTitle
        title={
          <span className="figures">{url ? <Outside to={url}>{number ?? 'Draft'}</Outside> : (number ?? 'Draft')}</span>
        }
        note={<Ago at={created_at} />}
      />
    ),
  },
  { id: 'status', head: 'Status', cell: InvoiceStatus },
  {
    id: 'total',
    head: 'Total',
    right: true,
    cell: ({ total }) => <span className="figures">{dollars(total)}</span>,
  },
  {
    id: 'file',
    head: 'File',
    right: true,
    cell: ({ pdf_url: pdf }) => (pdf ? <Outside to={pdf}>PDF</Outside> : '–'),
  },
];

/** The invoices that Stripe made for plans. They are loaded after the page, which does not wait for Stripe. */
export function StripeInvoices({ organizationId: id }: { organizationId: string }) {
  const [first, setFirst] = useState<Answer<typeof listStripeInvoices>>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(true);
  const page = useCallback(
    (cursor?: string) => call(listStripeInvoices, { params: { id }, query: { limit: 20, cursor } }),
    [id],
  );
  const load = useCallback(async () => {
    setBusy(true);
    setError(undefined);
    try {
      setFirst(await page());
    } catch (caught) {
      setError(asApiError(caught));
    } finally {
      setBusy(false);
    }
  }, [page]);
  useEffect(() => void load(), [load]);
  const list = useMore(first ?? { items: [], next_cursor: null }, page, id);
  if (!error && list.items.length === 0) return null;
  return (
    <Card title="Invoices of Stripe" flush>
      {error ? (
        <div className="flex flex-col items-start gap-2 px-4 py-3">
          <CommandError error={error} />
          <Button size="sm" busy={busy} onClick={() => void load()}>
            Try again
          </Button>
        </div>
      ) : (
        <>
          <Table label="Invoices of Stripe" columns={columns} rows={list.items} />
          <MoreButton list={list} />
        </>
      )}
    </Card>
  );
}
