import type { Item } from '#server/contracts/client.ts';
import type { billingUsage } from '#server/contracts/billing.ts';
import { dollars, plural } from '../../lib/format.ts';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago } from '../time.tsx';

type Usage = Item<typeof billingUsage>;

/** What paid for a workflow, by the source of its reservation. */
const payers: Record<string, string> = {
  unlimited: 'Included',
  subscription_quota: 'Included in the plan',
  free_tier: 'Free',
  overage_credits: 'Paid from credit',
  prepaid_credits: 'Paid from credit',
};
const payerOf = ({ source, billed }: Usage) =>
  source === 'invoice' ? (billed ? 'On an invoice' : 'On the next invoice') : (payers[source] ?? source);

const columns: Column<Usage>[] = [
  {
    id: 'workflow',
    head: 'Work',
    main: true,
    cell: (usage) => (
      <RowTitle
        title={plural(usage.quantity, 'workflow')}
        note={<span className="figures">{usage.workflow_id}</span>}
      />
    ),
  },
  { id: 'payer', head: 'Paid by', cell: payerOf },
  {
    id: 'price',
    head: 'Price',
    right: true,
    cell: ({ total_price: price }) => <span className="figures">{dollars(price)}</span>,
  },
  {
    id: 'at',
    head: 'When',
    right: true,
    from: 'sm',
    cell: (usage) => <Ago at={usage.created_at} className="text-xs text-muted" />,
  },
];

/** The workflows that were charged, newest first. */
export const UsageTable = ({ usage }: { usage: readonly Usage[] }) => (
  <Table label="Usage" columns={columns} rows={usage} />
);
