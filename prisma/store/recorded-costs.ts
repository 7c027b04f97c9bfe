import { scopesOf, type ScopeRef } from '#workflows/domain/billing/scopes.ts';
import { Prisma } from '../generated/client.ts';
import { jsonParameter, type Emit, type Transaction } from './core.ts';
import { closed, lockSql, type BudgetRow } from './reservations.ts';

/*
 * The statement of a cost is built from the CTEs of a reservation and these:
 *
 * | CTE               | reads or writes                                                         |
 * | ----------------- | ----------------------------------------------------------------------- |
 * | _recorded_cost    | writes the cost, once                                                   |
 * | _charged_budgets  | writes spent_micros and held_micros                                     |
 * | _cost             | a RecordedCost                                                          |
 */

export interface CostEntry {
  /** Business key: a call that is recorded twice counts once. */
  key: string;
  organization_id: string;
  project_id: string | null;
  spec_id?: string | null;
  ticket_id?: string | null;
  task_id?: string | null;
  run_id?: string | null;
  /** The run whose question this one answers: its budget is charged too. */
  caller_run_id?: string | null;
  sandbox_id?: string | null;
  phase?: string | null;
  kind: string;
  provider: string;
  /** The own key that pays; null: the platform's. */
  model_key_id?: string | null;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  input_micros: number;
  output_micros: number;
  cost_micros: number;
}

/** Whether the cost was recorded (a known key is not recorded again), and the budgets after it. */
export interface RecordedCost {
  recorded: boolean;
  budgets: BudgetRow[] | null;
}

/** CTEs that record a cost once, close its reservation and charge every budget. */
export const recordCostSql = ({ key, ...entry }: CostEntry, when = Prisma.sql`true`): Prisma.Sql => Prisma.sql`
    _recorded_cost AS (
      INSERT INTO cost_records
      SELECT (jsonb_populate_record(
        null::cost_records,
        ${jsonParameter({ id: key, ...entry, created_at: new Date() })}::jsonb
      )).*
      WHERE ${when}
      ON CONFLICT (id) DO NOTHING
      RETURNING id
    ),
    ${lockSql(closed(key, 'settled'), entry.organization_id, scopesOf(entry), Prisma.sql`(SELECT count(*) FROM _recorded_cost) >= 0`)},
    _charged_budgets AS (
      UPDATE budgets b
      SET
        held_micros = b.held_micros - s.back,
        period_end = CASE
          WHEN s.begins AND s.counts
          THEN (date_trunc(b.period, now() AT TIME ZONE 'UTC') + ('1 ' || b.period)::interval) AT TIME ZONE 'UTC'
          ELSE b.period_end
        END,
        warned_at = CASE WHEN s.begins AND s.counts THEN NULL ELSE b.warned_at END,
        critical_at = CASE WHEN s.begins AND s.counts THEN NULL ELSE b.critical_at END,
        exceeded_at = CASE WHEN s.begins AND s.counts THEN NULL ELSE b.exceeded_at END,
        spent_micros = CASE WHEN s.begins AND s.counts THEN 0 ELSE b.spent_micros END
          + CASE WHEN s.counts THEN ${entry.cost_micros}::bigint * (SELECT count(*) FROM _recorded_cost) ELSE 0 END
      FROM _budgets s
      WHERE b.id = s.id
      RETURNING b.*
    ),
    _cost AS (
      SELECT
        EXISTS (SELECT 1 FROM _recorded_cost) AS recorded,
        (SELECT jsonb_agg(c) FROM _charged_budgets c) AS budgets
    )`;

/** The event of a cost. */
export const costRecordedEvent = (entry: CostEntry): Parameters<Emit>[0] => ({
  type: 'cost.recorded',
  organization_id: entry.organization_id,
  project_id: entry.project_id,
  entity: entry.run_id ? { kind: 'run', id: entry.run_id } : { kind: entry.kind, id: entry.key },
  data: {
    run_id: entry.run_id ?? null,
    spec_id: entry.spec_id ?? null,
    task_id: entry.task_id ?? null,
    kind: entry.kind,
    model: entry.model,
    cost_micros: entry.cost_micros,
    total_tokens: entry.input_tokens + entry.output_tokens + entry.cache_read_tokens + entry.cache_write_tokens,
  },
});

const crossings = (budget: BudgetRow, critical: number) => {
  const share = budget.spent_micros / Math.max(1, budget.limit_micros);
  return (
    [
      { column: 'warned_at', type: 'cost.budget.warning', level: 'warning', at: budget.alert_threshold },
      { column: 'critical_at', type: 'cost.budget.warning', level: 'critical', at: critical },
      { column: 'exceeded_at', type: 'cost.budget.exceeded', level: 'exceeded', at: 1 },
    ] as const
  ).filter(({ column, at }) => share >= at && !budget[column]);
};

/** Budgets that have crossed a limit for which no event was emitted yet. */
export const withNewCrossings = (budgets: BudgetRow[] | null, critical: number): BudgetRow[] =>
  (budgets ?? []).filter((budget) => crossings(budget, critical).length > 0);

/** Emits one event for each limit that was crossed. */
export async function emitCrossings(
  tx: Transaction,
  emit: Emit,
  about: { organization_id: string; project_id: string | null },
  budgets: BudgetRow[],
  critical: number,
): Promise<void> {
  for (const budget of budgets) {
    for (const { column, type, level } of crossings(budget, critical)) {
      const marked = await tx.budget.updateMany({
        where: { id: budget.id, [column]: null },
        data: { [column]: new Date() },
      });
      // Only a budget that a person set causes an alert. The run's page shows the run's own limit.
      if (marked.count === 0 || budget.scope_type === 'run') continue;
      emit({
        type,
        organization_id: about.organization_id,
        project_id: about.project_id,
        entity: { kind: 'budget', id: budget.id },
        data: {
          budget_id: budget.id,
          scope_type: budget.scope_type,
          scope_id: budget.scope_id,
          level,
          limit_micros: budget.limit_micros,
          spent_micros: budget.spent_micros,
          remaining_micros: Math.max(0, budget.limit_micros - budget.spent_micros),
        },
      });
    }
  }
}

/** Records a cost once, closes its reservation, charges every budget and emits an event for each crossed limit. */
export async function recordCost(
  tx: Transaction,
  emit: Emit,
  entry: CostEntry,
  thresholds: { critical: number },
): Promise<boolean> {
  const [recorded] = await tx.$queryRaw<RecordedCost[]>`WITH ${recordCostSql(entry)} SELECT * FROM _cost`;
  if (!recorded?.recorded) return false;
  await emitCrossings(tx, emit, entry, withNewCrossings(recorded.budgets, thresholds.critical), thresholds.critical);
  emit(costRecordedEvent(entry));
  return true;
}

const columns: Readonly<Partial<Record<ScopeRef['type'], string>>> = {
  project: 'project_id',
  spec: 'spec_id',
  ticket: 'ticket_id',
  task: 'task_id',
  run: 'run_id',
  agent: 'run_id',
};

/** What a scope has spent since a time, or, without one, ever. Micro-dollars. */
export async function spentBy(
  tx: Transaction,
  organizationId: string,
  { type, id }: ScopeRef,
  since: Date | null,
): Promise<bigint> {
  const column = columns[type];
  const ofScope = column
    ? Prisma.sql`AND ${Prisma.raw(column)} = ${id}::uuid`
    : type === 'phase'
      ? Prisma.sql`AND phase = ${id}`
      : Prisma.empty;
  const [row] = await tx.$queryRaw<{ spent: bigint }[]>`
    SELECT coalesce(sum(cost_micros), 0)::bigint AS spent
    FROM cost_records
    WHERE organization_id = ${organizationId}::uuid ${ofScope}
    ${since ? Prisma.sql`AND created_at >= ${since}` : Prisma.empty}`;
  return BigInt(row?.spent ?? 0);
}
