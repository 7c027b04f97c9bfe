import type { Item } from '#server/contracts/client.ts';
import type { billingLedger } from '#server/contracts/billing.ts';
import { dollars, plural } from '../../lib/format.ts';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago } from '../time.tsx';

type Entry = Item<typeof billingLedger>;

const names: Record<Entry['kind'], string> = {
  opening: 'Account opened',
  monthly_reset: 'New month',
  workflow: 'Workflow started',
  release: 'Workflow given back',
  credit_purchase: 'Credit bought',
  credit_refund: 'Credit refunded',
  invoice: 'Invoice paid from credit',
};

const signed = (n: number, text: string) => `${n > 0 ? '+' : '−'}${text}`;

/** What an entry changed, in words. */
function changeOf({ credit, free_workflows: free, used_workflows: used }: Entry): string {
  const parts = [
    credit && signed(credit, dollars(Math.abs(credit))),
    free && signed(free, plural(Math.abs(free), 'free workflow')),
    used && signed(used, `${Math.abs(used)} used`),
  ];
  return parts.filter(Boolean).join(', ') || 'Nothing';
}

const columns: Column<Entry>[] = [
  {
    id: 'kind',
    head: 'Entry',
    main: true,
    cell: (entry) => (
      <RowTitle
        title={names[entry.kind]}
        note={entry.workflow_id && <span className="figures">{entry.workflow_id}</span>}
      />
    ),
  },
  { id: 'change', head: 'Change', right: true, cell: (entry) => <span className="figures">{changeOf(entry)}</span> },
  {
    id: 'credit',
    head: 'Credit after',
    right: true,
    from: 'sm',
    cell: (entry) => <span className="figures">{dollars(entry.credit_after)}</span>,
  },
  {
    id: 'at',
    head: 'When',
    right: true,
    from: 'sm',
    cell: (entry) => <Ago at={entry.created_at} className="text-xs text-muted" />,
  },
];

/** The changes of an account, newest first. */
export const LedgerTable = ({ entries }: { entries: readonly Entry[] }) => (
  <Table label="Ledger" columns={columns} rows={entries} />
);
