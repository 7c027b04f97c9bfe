import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { Printer } from 'lucide-react';
import { getInvoice } from '#server/contracts/invoices.ts';
import { StatusBadge } from '../components/badge.tsx';
import { InvoiceStatus } from '../components/billing/invoices-table.tsx';
import { PayInvoice } from '../components/billing/pay-invoice.tsx';
import { Button } from '../components/button.tsx';
import { Card, Notice, Stat } from '../components/card.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago, Exact } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { dollars, plural } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.invoice.invoice_number ?? 'Invoice'} · OmoiOS` },
];
export const handle = {
  crumbs: ({ invoice }: { invoice: Invoice }) => [
    { label: 'Billing', to: `/organizations/${invoice.organization_id}/billing` },
    { label: invoice.invoice_number },
  ],
  organization: ({ invoice }: { invoice: Invoice }) => invoice.organization_id,
};

export const loader = async (where: LoaderFunctionArgs) => ({
  invoice: await apiFor(where)(getInvoice, { params: { id: where.params.invoiceId ?? '' } }),
});

type Invoice = Awaited<ReturnType<typeof loader>>['invoice'];

const money = (cents: number) => <span className="figures">{dollars(cents)}</span>;

const lineColumns: Column<Invoice['lines'][number] & { id: string }>[] = [
  {
    id: 'work',
    head: 'Work',
    main: true,
    cell: (line) => (
      <RowTitle title={plural(line.quantity, 'workflow')} note={<span className="figures">{line.workflow_id}</span>} />
    ),
  },
  { id: 'at', head: 'When', from: 'sm', cell: (line) => <Exact at={line.created_at} /> },
  { id: 'price', head: 'Price', right: true, cell: (line) => money(line.total) },
];

const paymentColumns: Column<Invoice['payments'][number]>[] = [
  {
    id: 'status',
    head: 'Payment',
    main: true,
    cell: ({ status, failure }) => <RowTitle title={<StatusBadge status={status} />} note={failure} />,
  },
  { id: 'at', head: 'When', from: 'sm', cell: (payment) => <Ago at={payment.created_at} /> },
  {
    id: 'amount',
    head: 'Amount',
    right: true,
    cell: ({ amount, refunded }) => (
      <>
        {money(amount)}
        {refunded > 0 && <span className="block text-xs text-muted">{dollars(refunded)} refunded</span>}
      </>
    ),
  },
];

/** The lines under which an invoice's total is made, without those that change nothing. */
const sums = (invoice: Invoice): [string, number][] =>
  (
    [
      ['Workflows', invoice.subtotal],
      ['Tax', invoice.tax],
      ['Total', invoice.total],
      ['Paid from credit', -invoice.credits_applied],
      ['Paid by card', -invoice.amount_paid],
      ['Due', invoice.amount_due],
    ] as [string, number][]
  ).filter(([name, cents]) => cents !== 0 || name === 'Total' || name === 'Due');

export default function InvoicePage() {
  const { invoice } = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.type.startsWith('billing.'));
  const { next } = invoice;
  return (
    <div className="max-w-4xl space-y-4">
      <PageTitle title={`Invoice ${invoice.invoice_number}`} note={<Exact at={invoice.created_at} />}>
        <Button className="print:hidden" onClick={() => window.print()}>
          <Printer aria-hidden className="size-4" /> Print or save as PDF
        </Button>
        {invoice.amount_due > 0 && <PayInvoice invoice={invoice} look="primary" />}
      </PageTitle>
      {next && (
        <Notice tone={invoice.status === 'past_due' ? 'bad' : 'info'}>
          {next.at ? 'Next' : 'Now'}: {next.step}
          {next.at && (
            <>
              , <Exact at={next.at} />
            </>
          )}
          .
        </Notice>
      )}
      <Card title="Invoice">
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat name="Status">
            <InvoiceStatus status={invoice.status} />
          </Stat>
          <Stat name="Due on" wrap>
            <Exact at={invoice.due_at} />
          </Stat>
          <Stat name="Work from" wrap>
            <Exact at={invoice.period_start} />
          </Stat>
          <Stat name="To" wrap>
            <Exact at={invoice.period_end} />
          </Stat>
        </dl>
      </Card>
      <Card title="Work" flush>
        <Table
          label="Work on the invoice"
          columns={lineColumns}
          rows={invoice.lines.map((line) => ({ ...line, id: line.workflow_id }))}
        />
        <div className="border-t">
          <dl className="ml-auto grid w-full max-w-xs grid-cols-2 gap-y-1 px-4 py-3 text-sm">
            {sums(invoice).map(([name, cents]) => (
              <div key={name} className={`contents ${name === 'Due' || name === 'Total' ? 'font-medium' : ''}`}>
                <dt>{name}</dt>
                <dd className="text-right">{money(cents)}</dd>
              </div>
            ))}
          </dl>
        </div>
      </Card>
      {invoice.payments.length > 0 && (
        <Card title="Payments" flush>
          <Table label="Payments" columns={paymentColumns} rows={invoice.payments} />
        </Card>
      )}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
