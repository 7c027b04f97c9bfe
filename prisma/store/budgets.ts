import { randomUUID } from 'node:crypto';
import { notFound } from '#workflows/domain/errors.ts';
import type { ScopeRef } from '#workflows/domain/billing/scopes.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { pageFromOldest, type PageQuery } from './page.ts';
import { budgetRow, releaseSql, reserve, type BudgetRow, type ReservationRequest } from './reservations.ts';

export interface BudgetInput {
  organization_id: string;
  scope: ScopeRef;
  limit_micros: number;
  alert_threshold?: number;
  period_end?: Date | null;
  project_id?: string | null;
}

/** The shares of a budget's limit from which its owner is warned, unless the budget has its own. */
export interface AlertThresholds {
  alert: number;
  critical: number;
}

/** Creates or changes the budget of a scope. A higher limit clears the alerts that no longer apply. */
async function setBudget(
  tx: Transaction,
  emit: Emit,
  input: BudgetInput,
  thresholds: AlertThresholds,
): Promise<BudgetRow> {
  const key = { organization_id: input.organization_id, scope_type: input.scope.type, scope_id: input.scope.id };
  const old = await tx.budget.findUnique({ where: { organization_id_scope_type_scope_id: key } });
  const threshold = input.alert_threshold ?? old?.alert_threshold ?? thresholds.alert;
  const share = old ? Number(old.spent_micros) / Math.max(1, input.limit_micros) : 0;
  const data = {
    limit_micros: BigInt(input.limit_micros),
    alert_threshold: threshold,
    period_end: input.period_end === undefined ? (old?.period_end ?? null) : input.period_end,
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
  return budgetRow(budget);
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
        const budgets = rows.filter((row) => !row.period_end || row.period_end > new Date()).map(budgetRow);
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
