import { useState } from 'react';
import { pageOfScope, scopeName, type BudgetItem } from '../../lib/costs.ts';
import { money, percent } from '../../lib/format.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card, Empty } from '../card.tsx';
import { Progress } from '../progress.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { TextLink } from '../text-link.tsx';
import { SetBudget } from './set-budget.tsx';

const micros = (usd: number) => Math.round(usd * 1e6);

function State({ budget }: { budget: BudgetItem }) {
  if (budget.exceeded_at) return <Badge tone="bad">Spent: work waits</Badge>;
  if (budget.critical_at) return <Badge tone="warn">Nearly spent</Badge>;
  if (budget.warned_at) return <Badge tone="warn">Warned</Badge>;
  return <Badge tone="good">Within</Badge>;
}

/** The budgets that people have set. Each is a hard stop: runs wait when it is spent, until it is raised. */
export function Budgets({
  budgets,
  projects,
}: {
  budgets: readonly BudgetItem[];
  projects: readonly { id: string; name: string }[];
}) {
  const lacks = useLacks('org:write');
  const [editing, setEditing] = useState<BudgetItem | 'new'>();
  const columns: Column<BudgetItem>[] = [
    {
      id: 'scope',
      head: 'For',
      main: true,
      cell: (row) => {
        const page = pageOfScope(row.scope_type, row.scope_id);
        return (
          <RowTitle
            title={page ? <TextLink to={page}>{scopeName(row)}</TextLink> : scopeName(row)}
            note={`${row.period ? `each ${row.period}` : 'once'}, warns at ${percent(row.alert_threshold)}, raised by ${row.raise_role}s`}
          />
        );
      },
    },
    { id: 'state', head: 'State', from: 'sm', cell: (row) => <State budget={row} /> },
    {
      id: 'spent',
      head: 'Spent',
      right: true,
      cell: (row) => (
        <span className="inline-flex flex-col items-end gap-1 py-1">
          <span className="figures">
            {money(micros(row.spent_amount))} of {money(micros(row.limit_amount))}
          </span>
          {row.warned_at && (
            <span className="sm:hidden">
              <State budget={row} />
            </span>
          )}
          <Progress quiet label="Spent" share={row.spent_amount / row.limit_amount} className="w-full min-w-24" />
        </span>
      ),
    },
    {
      id: 'act',
      head: 'Change',
      right: true,
      cell: (row) => (
        <Button
          size="sm"
          because={lacks}
          aria-label={`Change the budget: ${scopeName(row)}`}
          onClick={() => setEditing(row)}
        >
          Change
        </Button>
      ),
    },
  ];
  return (
    <>
      <Card
        title="Budgets"
        aside={
          <Button size="sm" look="primary" because={lacks} onClick={() => setEditing('new')}>
            Set a budget
          </Button>
        }
        flush
      >
        {budgets.length === 0 ? (
          <Empty title="No budget is set">
            A budget is a hard stop: when it is spent, runs wait where you see it, and continue at the same turn once it
            is raised.
          </Empty>
        ) : (
          <Table label="Budgets" columns={columns} rows={budgets} />
        )}
      </Card>
      {editing && (
        <SetBudget
          budget={editing === 'new' ? undefined : editing}
          projects={projects}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  );
}
