import type { Item } from '#server/contracts/client.ts';
import type { listInvoices } from '#server/contracts/invoices.ts';
import { dollars } from '../../lib/format.ts';
import { StatusBadge } from '../badge.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { TextLink } from '../text-link.tsx';
import { Ago } from '../time.tsx';
import { PayInvoice } from './pay-invoice.tsx';

type Invoice = Item<typeof listInvoices>;

/** An open invoice is one to pay; the word alone means an open pull request. */
export const InvoiceStatus = ({ status }: { status: string }) => (
  <StatusBadge status={status === 'open' ? 'unpaid' : status} />
);

const columns: Column<Invoice>[] = [
  {
    id: 'number',
    head: 'Invoice',
    main: true,
    cell: (invoice) => (
      <RowTitle
        title={
          <TextLink to={`/organizations/${invoice.organization_id}/billing/invoices/${invoice.id}`} className="figures">
            {invoice.invoice_number}
          </TextLink>
        }
        note={<Ago at={invoice.created_at} />}
      />
    ),
  },
  { id: 'status', head: 'Status', cell: InvoiceStatus },
  {
    id: 'total',
    head: 'Total',
    right: true,
    from: 'sm',
    cell: ({ total }) => <span className="figures">{dollars(total)}</span>,
  },
  {
    id: 'due',
    head: 'Due',
    right: true,
    cell: (invoice) =>
      invoice.amount_due > 0 ? <PayInvoice invoice={invoice} /> : <span className="figures">{dollars(0)}</span>,
  },
];

/** The invoices of an organization, newest first. */
export const InvoicesTable = ({ invoices }: { invoices: readonly Invoice[] }) => (
  <Table label="Invoices" columns={columns} rows={invoices} />
);
