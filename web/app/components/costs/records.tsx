import { useCallback } from 'react';
import type { Answer, Item } from '#server/contracts/client.ts';
import { costRecords, costRecordsCsv } from '#server/contracts/costs.ts';
import { call } from '../../lib/browser-api.ts';
import { compact, money, sentence, shortId } from '../../lib/format.ts';
import { useMore } from '../../lib/use-more.ts';
import { Card, Empty } from '../card.tsx';
import { MoreButton } from '../more-button.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago } from '../time.tsx';
import { SaveButton } from './save-button.tsx';

type Row = Item<typeof costRecords>;

const columns: Column<Row>[] = [
  {
    id: 'model',
    head: 'Call',
    main: true,
    cell: (row) => (
      <RowTitle
        title={row.model}
        note={`${sentence(row.kind)}${row.run_id ? ` of run ${shortId(row.run_id)}` : ''}${row.task_id ? `, task ${shortId(row.task_id)}` : ''}`}
      />
    ),
  },
  {
    id: 'in',
    head: 'Tokens in',
    right: true,
    from: 'md',
    cell: (row) => <span className="figures">{compact(row.total_tokens - row.output_tokens)}</span>,
  },
  {
    id: 'out',
    head: 'Tokens out',
    right: true,
    from: 'md',
    cell: (row) => <span className="figures">{compact(row.output_tokens)}</span>,
  },
  { id: 'cost', head: 'Cost', right: true, cell: (row) => <span className="figures">{money(row.cost_micros)}</span> },
  {
    id: 'at',
    head: 'When',
    right: true,
    from: 'sm',
    cell: (row) => <Ago at={row.created_at} className="text-xs text-muted" />,
  },
];

/** Each call of a model with its cost, newest first. */
export function CostRecords({ first, since }: { first: Answer<typeof costRecords>; since: string }) {
  const list = useMore(
    first,
    useCallback((cursor: string) => call(costRecords, { query: { since, cursor, limit: 200 } }), [since]),
    since,
  );
  return (
    <Card
      title="Model calls"
      aside={<SaveButton contract={costRecordsCsv} input={{ query: { since } }} name="costs.csv" />}
      flush
    >
      {list.items.length === 0 ? (
        <Empty title="No calls in this time">Each call of a model is entered here with its cost.</Empty>
      ) : (
        <Table
          label="Model calls"
          columns={columns}
          rows={list.items}
          to={(row) => (row.run_id ? `/runs/${row.run_id}` : undefined)}
        />
      )}
      <MoreButton list={list} />
    </Card>
  );
}
