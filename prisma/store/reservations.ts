import { isShort } from '#workflows/domain/billing/least-call.ts';
import { budgetAt } from '#workflows/domain/billing/periods.ts';
import { scopesOf, type ScopeRef } from '#workflows/domain/billing/scopes.ts';
import { Prisma, type Budget } from '../generated/client.ts';
import { jsonParameter, type Emit, type Transaction } from './core.ts';

/** A budget as statements return it: sums (micro-dollars) as numbers, times as text. */
export interface BudgetRow {
  id: string;
  scope_type: string;
  scope_id: string;
  limit_micros: number;
  spent_micros: number;
  held_micros: number;
  alert_threshold: number;
  /** day, week or month: the budget begins again at `period_end`. */
  period: string | null;
  period_end: string | null;
  /** The least role that may raise it. */
  raise_role: string;
  warned_at: string | null;
  critical_at: string | null;
  exceeded_at: string | null;
}

/** A row as it is now: one whose period is over has begun again. */
export function budgetRow(row: Budget): BudgetRow {
  const b = budgetAt(row, new Date());
  return {
    id: b.id,
    scope_type: b.scope_type,
    scope_id: b.scope_id,
    limit_micros: Number(b.limit_micros),
    spent_micros: Number(b.spent_micros),
    held_micros: Number(b.held_micros),
    alert_threshold: b.alert_threshold,
    period: b.period,
    period_end: b.period_end?.toISOString() ?? null,
    raise_role: b.raise_role,
    warned_at: b.warned_at?.toISOString() ?? null,
    critical_at: b.critical_at?.toISOString() ?? null,
    exceeded_at: b.exceeded_at?.toISOString() ?? null,
  };
}

export interface ReservationRequest {
  /** Business key of the call that the money is for. */
  key: string;
  organization_id: string;
  run_id: string | null;
  scopes: ScopeRef[];
  /** Micro-dollars to reserve. `least`: the smallest amount that is accepted. */
  wanted: number;
  least: number;
}

export type ReservationResult =
  | { ok: true; held_micros: number }
  /** `short`: only a higher limit helps. Otherwise running calls hold money and may return some of it. */
  | { ok: false; budget: BudgetRow; short: boolean; least: number };

export interface ReservationAnswer {
  amount: number;
  budgets: (BudgetRow & { free: number; back: number })[] | null;
}

/*
 * The statements below are built from these CTEs:
 *
 * | CTE               | reads or writes                                                         |
 * | ----------------- | ----------------------------------------------------------------------- |
 * | _old_reservation  | what the key holds already, locked, or closed by the statement          |
 * | _scoped_budgets   | ids of the budgets that the call counts against                         |
 * | _locked_budgets   | both, locked in the order of their ids                                  |
 * | _budgets          | the locked rows: `counts` for the call, `back` is what the key returns, |
 * |                   | `begins`: its period is over, so nothing is spent of the next one       |
 * | _free             | _budgets with what is free in each                                      |
 * | _amount           | how much is reserved, and whether it is at all (`holds`)                |
 * | _budgets_held     | writes held_micros                                                      |
 * | _reservation      | writes the reservation                                                  |
 * | _released         | writes the old reservation as released where nothing new is held        |
 * | _answer           | a ReservationAnswer                                                     |
 * | _recorded_cost    | writes the cost, once                                                   |
 * | _charged_budgets  | writes spent_micros and held_micros                                     |
 * | _cost             | a RecordedCost                                                          |
 */

/**
 * CTEs that lock the budgets of the scopes and of the key's present reservation. Every caller locks in the same order,
 * which prevents deadlocks. `_budgets` are the locked rows.
 * @param old the key's present reservation, locked: {budget_ids, held_micros}
 * @param when condition under which the scopes count
 */
const lockSql = (
  old: Prisma.Sql,
  organizationId: string,
  scopes: ScopeRef[],
  when = Prisma.sql`true`,
): Prisma.Sql => Prisma.sql`
    _old_reservation AS (${old}),
    _scoped_budgets AS (
      SELECT b.id
      FROM unnest(
        ${scopes.map((scope) => scope.type)}::text[],
        ${scopes.map((scope) => scope.id)}::text[]
      ) AS s(type, id)
      JOIN budgets b
        ON b.organization_id = ${organizationId}::uuid
        AND b.scope_type = s.type
        AND b.scope_id = s.id
        AND (b.period_end IS NULL OR b.period_end > now() OR b.period IS NOT NULL)
      WHERE ${when}
    ),
    _locked_budgets AS (
      SELECT b.*
      FROM budgets b
      WHERE b.id IN (
        SELECT id FROM _scoped_budgets
        UNION
        SELECT unnest(budget_ids)::uuid FROM _old_reservation
      )
      ORDER BY b.id
      FOR UPDATE
    ),
    _budgets AS (
      SELECT
        b.*,
        coalesce(b.period IS NOT NULL AND b.period_end <= now(), false) AS begins,
        b.id IN (SELECT id FROM _scoped_budgets) AS counts,
        coalesce((SELECT held_micros FROM _old_reservation WHERE b.id::text = ANY(budget_ids)), 0) AS back
      FROM _locked_budgets b
    )`;

const heldBy = (key: string) => Prisma.sql`
      SELECT budget_ids, held_micros
      FROM reservations
      WHERE id = ${key} AND state = 'held'
      FOR UPDATE`;
const closed = (key: string, state: 'released' | 'settled') => Prisma.sql`
      UPDATE reservations
      SET state = ${state}, settled_at = now()
      WHERE id = ${key} AND state = 'held'
      RETURNING budget_ids, held_micros`;

/**
 * CTEs that reserve up to `wanted` and at least `least` micro-dollars in every budget of the scopes, or nothing at all.
 * The locks serialize the agents, so the sum cannot exceed a limit. A key that has a reservation already replaces it:
 * its earlier call crashed before its cost was recorded.
 * @param when condition under which the statement writes anything. It must exclude concurrent calls of one key, since
 * neither would see the other's reservation.
 */
export const reserveSql = (
  { key, organization_id, run_id, scopes, wanted, least }: ReservationRequest,
  when = Prisma.sql`true`,
): Prisma.Sql => Prisma.sql`
    ${lockSql(heldBy(key), organization_id, scopes, when)},
    _free AS (
      SELECT *, limit_micros - CASE WHEN begins THEN 0 ELSE spent_micros END - held_micros + back AS free
      FROM _budgets
    ),
    _amount AS (
      SELECT
        least(${wanted}::bigint, min(free))::int AS amount,
        coalesce(array_agg(id::text), '{}') AS ids,
        count(*) > 0 AND min(free) >= ${least}::bigint AS holds
      FROM _free
      WHERE counts
    ),
    _budgets_held AS (
      UPDATE budgets b
      SET held_micros = b.held_micros - f.back + CASE WHEN a.holds AND f.counts THEN a.amount ELSE 0 END
      FROM _free f, _amount a
      WHERE b.id = f.id
    ),
    _reservation AS (
      INSERT INTO reservations (id, organization_id, run_id, budget_ids, held_micros)
      SELECT ${key}, ${organization_id}::uuid, ${run_id}::uuid, ids, amount
      FROM _amount
      WHERE holds
      ON CONFLICT (id) DO UPDATE
      SET budget_ids = excluded.budget_ids, held_micros = excluded.held_micros, state = 'held', settled_at = NULL
    ),
    _released AS (
      UPDATE reservations
      SET state = 'released', settled_at = now()
      WHERE id = ${key}
        AND state = 'held'
        AND NOT (SELECT holds FROM _amount)
        AND ${when}
    ),
    _answer AS (
      SELECT amount, (SELECT jsonb_agg(f) FROM _free f WHERE counts) AS budgets
      FROM _amount
    )`;

export function reservationResult({ amount, budgets }: ReservationAnswer, least: number): ReservationResult {
  const short = budgets?.filter((budget) => budget.free < least) ?? [];
  // The run's own limit comes last: raising it alone helps only where no other budget is short.
  const first = short.find(({ scope_type }) => scope_type !== 'run') ?? short[0];
  if (!first) return { ok: true, held_micros: amount };
  const budget = { ...first, spent_micros: first.limit_micros - (first.free + first.held_micros - first.back) };
  return { ok: false, budget, short: isShort(budget, least), least };
}

/** Reserves money in its own transaction. The budgets are locked first, so another call of the key is visible. */
export async function reserve(tx: Transaction, wanted: ReservationRequest): Promise<ReservationResult> {
  await tx.$executeRaw`WITH ${lockSql(heldBy(wanted.key), wanted.organization_id, wanted.scopes)} SELECT count(*) FROM _locked_budgets`;
  const [answer] = await tx.$queryRaw<ReservationAnswer[]>`WITH ${reserveSql(wanted)} SELECT * FROM _answer`;
  return reservationResult(answer as ReservationAnswer, wanted.least);
}

/** Releases the reservation of a key. A key without a reservation is not an error. */
export const releaseSql = (key: string, organizationId: string): Prisma.Sql => Prisma.sql`
  WITH ${lockSql(closed(key, 'released'), organizationId, [])}
  UPDATE budgets b
  SET held_micros = b.held_micros - s.back
  FROM _budgets s
  WHERE b.id = s.id`;

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
