import { randomUUID } from 'node:crypto';
import { notFound } from '#workflows/domain/errors.ts';
import { nightActor } from '#workflows/domain/billing/night.ts';
import { budgetAt, isOver, periodEnd, periodStart, type BudgetPeriod } from '#workflows/domain/billing/periods.ts';
import type { ScopeRef } from '#workflows/domain/billing/scopes.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { asJson, runRow } from './json.ts';
import { pageFromOldest, type PageQuery } from './page.ts';
import { emitCrossings, spentBy } from './recorded-costs.ts';
import { budgetRow, releaseSql, reserve, type BudgetRow, type ReservationRequest } from './reservations.ts';

export interface BudgetInput {
  organization_id: string;
  scope: ScopeRef;
  limit_micros: number;
  alert_threshold?: number;
  period?: BudgetPeriod | null;
  period_end?: Date | null;
  raise_role?: string;
  project_id?: string | null;
  /** What the scope has spent before counts. The budgets of new work need no count. */
  counts_spent?: boolean;
}

type RunOfNight = { id: string; organization_id: string; project_id: string };

/** The shares of a budget's limit from which its owner is warned, unless the budget has its own. */
export interface AlertThresholds {
  alert: number;
  critical: number;
}

/** Creates or changes the budget of a scope. A higher limit clears the alerts that no longer apply. A new
 * budget, and one that gets another period, counts what its scope has spent in the period before. */
async function setBudget(
  tx: Transaction,
  emit: Emit,
  input: BudgetInput,
  thresholds: AlertThresholds,
): Promise<BudgetRow> {
  const key = { organization_id: input.organization_id, scope_type: input.scope.type, scope_id: input.scope.id };
  await tx.$queryRaw`
    SELECT 1
    FROM budgets
    WHERE organization_id = ${key.organization_id}::uuid AND scope_type = ${key.scope_type} AND scope_id = ${key.scope_id}
    FOR UPDATE`;
  const where = { organization_id_scope_type_scope_id: key };
  let found = await tx.budget.findUnique({ where });
  if (!found && input.counts_spent) {
    // A cost that is being recorded does not see the new budget: it is recorded first and counted here, or afterwards.
    await tx.$executeRaw`LOCK TABLE cost_records IN SHARE MODE`;
    found = await tx.budget.findUnique({ where });
  }
  const old = found && budgetAt(found, new Date());
  const period = input.period === undefined ? (old?.period ?? null) : input.period;
  const kept = period !== null && period === old?.period ? old.period_end : null;
  const threshold = input.alert_threshold ?? old?.alert_threshold ?? thresholds.alert;
  const begun = period === null ? null : periodStart(period as BudgetPeriod, new Date());
  const recounted = input.counts_spent && (!old || (period !== null && period !== old.period));
  const spent = recounted ? await spentBy(tx, input.organization_id, input.scope, begun) : (old?.spent_micros ?? 0n);
  const share = Number(spent) / Math.max(1, input.limit_micros);
  // A budget that began again had an end of its period, not one of its own.
  const ends = input.period_end === undefined && !old?.period ? (old?.period_end ?? null) : null;
  const data = {
    limit_micros: BigInt(input.limit_micros),
    alert_threshold: threshold,
    period,
    period_end: input.period_end ?? (period === null ? ends : (kept ?? periodEnd(period as BudgetPeriod, new Date()))),
    raise_role: input.raise_role ?? old?.raise_role ?? 'admin',
    spent_micros: spent,
    warned_at: share >= threshold ? (old?.warned_at ?? null) : null,
    critical_at: share >= thresholds.critical ? (old?.critical_at ?? null) : null,
    exceeded_at: share >= 1 ? (old?.exceeded_at ?? null) : null,
  };
  const budget = old
    ? await tx.budget.update({ where: { id: old.id }, data })
    : await tx.budget.create({ data: { id: randomUUID(), ...key, ...data } });
  if (!old && input.scope.type !== 'run') {
    emit({
      type: 'budget.created',
      organization_id: input.organization_id,
      project_id: input.project_id ?? null,
      entity: { kind: 'budget', id: budget.id },
      data: {
        budget_id: budget.id,
        scope_type: input.scope.type,
        scope_id: input.scope.id,
        limit_micros: input.limit_micros,
      },
    });
  }
  if (!recounted || spent === 0n) return budgetRow(budget);
  const about = { organization_id: input.organization_id, project_id: input.project_id ?? null };
  await emitCrossings(tx, emit, about, [budgetRow(budget)], thresholds.critical);
  return budgetRow(await tx.budget.findUniqueOrThrow({ where }));
}

/** The budget with which a spec or a ticket begins; without a limit it has none. */
export async function setFirstBudget(
  tx: Transaction,
  emit: Emit,
  of: { type: 'spec' | 'ticket'; id: string; organization_id: string; project_id: string },
  limitMicros: number | undefined,
  thresholds: AlertThresholds,
): Promise<void> {
  if (limitMicros === undefined) return;
  const { type, id, organization_id, project_id } = of;
  await setBudget(
    tx,
    emit,
    { organization_id, project_id, scope: { type, id }, limit_micros: limitMicros },
    thresholds,
  );
}

export function budgetsStore(core: StoreCore, thresholds: AlertThresholds) {
  return {
    reserve: (wanted: ReservationRequest) => core.change((tx) => reserve(tx, wanted)),
    release: (organizationId: string, key: string) => core.statement(releaseSql(key, organizationId)),
    set: (input: BudgetInput) => core.change((tx, emit) => setBudget(tx, emit, input, thresholds)),

    /** Raises the limit of a run once a night. @returns whether it was raised now; the run's own statement decides. */
    raiseAtNight: (run: RunOfNight, raise: (raisedIn: string | null) => { night: string; micros: number } | null) =>
      core.change(async (tx, emit) => {
        const key = { organization_id: run.organization_id, scope_type: 'run', scope_id: run.id };
        await tx.$queryRaw`SELECT 1 FROM runs WHERE id = ${run.id}::uuid FOR UPDATE`;
        const where = { organization_id_scope_type_scope_id: key };
        const old = await tx.budget.findUnique({ where });
        const now = await tx.run.findUnique({ where: { id: run.id } });
        const raised = old && now && !now.ended_at ? raise(old.night_raised) : null;
        if (!old || !now || !raised) return false;
        const limit_micros = Number(old.limit_micros) + raised.micros;
        await setBudget(tx, emit, { ...key, scope: { type: 'run', id: run.id }, limit_micros }, thresholds);
        await tx.budget.update({
          where,
          data: { night_raised: raised.night, night_micros: raised.micros, night_at: new Date() },
        });
        const before = runRow(now).limits;
        const raisedBefore = before.raised_at_night_usd ?? 0;
        const limits = {
          ...before,
          max_usd: limit_micros / 1e6,
          raised_at_night_usd: raisedBefore + raised.micros / 1e6,
        };
        await tx.run.update({ where: { id: run.id }, data: { limits: asJson(limits) } });
        const { max_turns, max_usd, max_seconds } = limits;
        emit({
          type: 'run.limits_raised',
          organization_id: run.organization_id,
          project_id: run.project_id,
          entity: { kind: 'run', id: run.id },
          data: {
            ...{ run_id: run.id, max_turns, max_usd, max_seconds },
            ...{ by: nightActor, night: raised.night, raised_micros: raised.micros },
          },
        });
        return true;
      }),

    /** The budgets that people set: not those of runs. */
    list: (organizationId: string, page: PageQuery) =>
      core.read(async (db) => {
        const { items, next_cursor } = await pageFromOldest(page, (query) =>
          db.budget.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, scope_type: { not: 'run' } }, query.where] },
          }),
        );
        return { items: items.map(budgetRow), next_cursor };
      }),
    ofScope: (organizationId: string, scope: ScopeRef) =>
      core.read(async (db) => {
        const key = { organization_id: organizationId, scope_type: scope.type, scope_id: scope.id };
        const row = await db.budget.findUnique({ where: { organization_id_scope_type_scope_id: key } });
        return row && budgetRow(row);
      }),

    /** Whether every budget of the scopes has enough free money for a call of that cost now. */
    check: (organizationId: string, scopes: ScopeRef[], estimateMicros: number) =>
      core.read(async (db) => {
        const rows = await db.budget.findMany({
          where: {
            organization_id: organizationId,
            OR: scopes.map((scope) => ({ scope_type: scope.type, scope_id: scope.id })),
          },
        });
        const budgets = rows.filter((row) => !isOver(row, new Date())).map(budgetRow);
        const refused = budgets.find((b) => b.spent_micros + b.held_micros + estimateMicros > b.limit_micros);
        return { allowed: !refused, refused_by: refused ?? null, budgets };
      }),

    get: async (organizationId: string, scope: ScopeRef): Promise<BudgetRow> => {
      const row = await core.read((db) =>
        db.budget.findUnique({
          where: {
            organization_id_scope_type_scope_id: {
              organization_id: organizationId,
              scope_type: scope.type,
              scope_id: scope.id,
            },
          },
        }),
      );
      if (!row) throw notFound('budget');
      return budgetRow(row);
    },
  };
}
