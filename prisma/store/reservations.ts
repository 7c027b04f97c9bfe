import { isShort } from '#workflows/domain/billing/least-call.ts';
import { budgetAt } from '#workflows/domain/billing/periods.ts';
import type { ScopeRef } from '#workflows/domain/billing/scopes.ts';
import { Prisma, type Budget } from '../generated/client.ts';
import type { Transaction } from './core.ts';

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
 */

/**
 * CTEs that lock the budgets of the scopes and of the key's present reservation. Every caller locks in the same order,
 * which prevents deadlocks. `_budgets` are the locked rows.
 * @param old the key's present reservation, locked: {budget_ids, held_micros}
 * @param when condition under which the scopes count
 */
export const lockSql = (
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
export const closed = (key: string, state: 'released' | 'settled') => Prisma.sql`
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
