import type { Answer } from '#server/contracts/client.ts';
import { costSummaryCsv, type costSummary } from '#server/contracts/costs.ts';
import { costGroups } from '#workflows/domain/billing/scopes.ts';
import { groupNames, pageOfScope, phaseName, withoutKey } from '../../lib/costs.ts';
import { compact, count, money, percent, sentence } from '../../lib/format.ts';
import { Card, Empty, Stat } from '../card.tsx';
import { FilterLinks } from '../filter-links.tsx';
import { Progress } from '../progress.tsx';
import { Table, type Column } from '../table.tsx';
import { DayBars } from './day-bars.tsx';
import { SaveButton } from './save-button.tsx';

type Summary = Answer<typeof costSummary>;
type Group = Summary['groups'][number] & { id: string };

/** What was spent: in sum, by day, and divided by one of its parts. */
export function CostsOverview({ summary, days, since }: { summary: Summary; days: Summary; since: string }) {
  const by = summary.group_by;
  const nameOf = ({ key, label }: Group) => {
    if (key === null) return <span className="text-muted">{withoutKey(by)}</span>;
    if (by === 'phase') return phaseName(key);
    return label ?? (by === 'provider' ? sentence(key) : key);
  };
  const share = (row: Group) => (summary.cost_micros > 0 ? row.cost_micros / summary.cost_micros : 0);
  const columns: Column<Group>[] = [
    {
      id: 'name',
      head: groupNames[by],
      main: true,
      cell: (row) => <span className="block truncate font-medium">{nameOf(row)}</span>,
    },
    { id: 'calls', head: 'Calls', right: true, from: 'md', cell: (row) => <Figure>{count(row.calls)}</Figure> },
    {
      id: 'in',
      head: 'Tokens in',
      right: true,
      from: 'lg',
      cell: (row) => <Figure>{compact(row.input_tokens + row.cache_read_tokens + row.cache_write_tokens)}</Figure>,
    },
    {
      id: 'out',
      head: 'Tokens out',
      right: true,
      from: 'lg',
      cell: (row) => <Figure>{compact(row.output_tokens)}</Figure>,
    },
    {
      id: 'share',
      head: 'Share',
      right: true,
      from: 'sm',
      cell: (row) => (
        <span className="flex items-center justify-end gap-2">
          <Progress quiet share={share(row)} label="Share" className="w-20" />
          <Figure>{percent(share(row))}</Figure>
        </span>
      ),
    },
    { id: 'cost', head: 'Cost', right: true, cell: (row) => <Figure>{money(row.cost_micros)}</Figure> },
  ];
  const input = { query: { group_by: by, since } };
  const rows = summary.groups.map((row) => ({ ...row, id: row.key ?? 'none' }));
  return (
    <div className="space-y-4">
      <Card title="In sum">
        <dl className="mb-4 grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat name="Cost">{money(summary.cost_micros)}</Stat>
          <Stat name="Model calls">{count(summary.calls)}</Stat>
          <Stat name="Tokens in">
            {compact(sum(summary, 'input_tokens', 'cache_read_tokens', 'cache_write_tokens'))}
          </Stat>
          <Stat name="Tokens out">{compact(sum(summary, 'output_tokens'))}</Stat>
        </dl>
        <DayBars days={days.groups} since={since} />
      </Card>
      <FilterLinks
        name="by"
        label="Divided by"
        chosen={by === 'model' ? '' : by}
        options={costGroups.map((group) => ({ value: group === 'model' ? '' : group, label: groupNames[group] }))}
      />
      <Card
        title={`By ${groupNames[by].toLowerCase()}`}
        aside={<SaveButton contract={costSummaryCsv} input={input} name={`costs-by-${by}.csv`} />}
        flush
      >
        {rows.length === 0 ? (
          <Empty title="Nothing was spent">Each call of a model is counted here.</Empty>
        ) : (
          <Table
            label={`Costs by ${groupNames[by].toLowerCase()}`}
            columns={columns}
            rows={rows}
            to={(row) => pageOfScope(by, row.key)}
          />
        )}
        {summary.more_groups && (
          <p className="border-t px-4 py-2 text-xs text-muted">These are the dearest {rows.length}.</p>
        )}
      </Card>
    </div>
  );
}

const Figure = ({ children }: { children: string }) => <span className="figures">{children}</span>;

type Tokens = 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'cache_write_tokens';
const sum = ({ models }: Summary, ...names: Tokens[]) =>
  models.reduce((all, model) => all + names.reduce((some, name) => some + model[name], 0), 0);
