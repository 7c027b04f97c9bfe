import { randomUUID } from 'node:crypto';
import type { BudgetScope } from '#workflows/domain/billing/scopes.ts';
import { notFound } from '#workflows/domain/errors.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';

export interface ScopeRef {
  type: BudgetScope;
  id: string;
}

export interface BudgetRow {
  id: string;
  scope_type: string;
  scope_id: string;
  limit_micros: number;
  spent_micros: number;
  held_micros: number;
  alert_threshold: number;
  period_end: string | null;
  warned_at: string | null;
  critical_at: string | null;
  exceeded_at: string | null;
}

export type HoldResult =
  | { ok: true; held_micros: number }
  /** `spent`: only a higher limit helps. Otherwise money is held by calls under way and may come back. */
  | { ok: false; budget: BudgetRow; spent: boolean };

interface RawBudget {
  id: string;
  scope_type: string;
  scope_id: string;
  limit_micros: bigint;
  spent_micros: bigint;
  held_micros: bigint;
  alert_threshold: number;
  period_end: Date | null;
  warned_at: Date | null;
  critical_at: Date | null;
  exceeded_at: Date | null;
}

const shown = (b: RawBudget): BudgetRow => ({
  id: b.id,
  scope_type: b.scope_type,
  scope_id: b.scope_id,
  limit_micros: Number(b.limit_micros),
  spent_micros: Number(b.spent_micros),
  held_micros: Number(b.held_micros),
  alert_threshold: b.alert_threshold,
  period_end: b.period_end?.toISOString() ?? null,
  warned_at: b.warned_at?.toISOString() ?? null,
  critical_at: b.critical_at?.toISOString() ?? null,
  exceeded_at: b.exceeded_at?.toISOString() ?? null,
});

/**
 * Holds `wanted` micro-dollars, or as little as `least`, in every budget of the scopes; all or none.
 * The rows are locked in one order, so any number of agents ask one after another and the sum cannot pass a limit.
 * A key that already holds something holds it anew: its call died without being settled.
 */
export async function hold(tx: Transaction, options: { key: string; organization_id: string; run_id: string | null; scopes: ScopeRef[]; wanted: number; least: number }): Promise<HoldResult> {
  const keys = options.scopes.map((scope) => `${scope.type}/${scope.id}`);
  await lockBudgets(tx, options.key, options.organization_id, keys);
  await release(tx, options.key, 'released');
  const budgets = await tx.$queryRaw<RawBudget[]>`
    SELECT * FROM budgets WHERE organization_id = ${options.organization_id}::uuid AND (scope_type || '/' || scope_id) = ANY(${keys})
      AND (period_end IS NULL OR period_end > now())`;
  let amount = options.wanted;
  for (const budget of budgets) {
    const free = Number(budget.limit_micros - budget.spent_micros - budget.held_micros);
    if (free < options.least) return { ok: false, budget: shown(budget), spent: Number(budget.limit_micros - budget.spent_micros) < options.least };
    amount = Math.min(amount, free);
  }
  const ids = budgets.map((budget) => budget.id);
  if (ids.length > 0) {
    await tx.$executeRaw`
      WITH held AS (UPDATE budgets SET held_micros = held_micros + ${amount} WHERE id = ANY(${ids}::uuid[]))
      INSERT INTO reservations (id, organization_id, run_id, budget_ids, held_micros) VALUES (${options.key}, ${options.organization_id}::uuid, ${options.run_id}::uuid, ${ids}, ${amount})
      ON CONFLICT (id) DO UPDATE SET budget_ids = excluded.budget_ids, held_micros = excluded.held_micros, state = 'held', settled_at = NULL`;
  }
  return { ok: true, held_micros: amount };
}

/** Locks the budgets of scopes and those of a reservation, in one order for everybody: else two would wait for each other. */
async function lockBudgets(tx: Transaction, key: string, organizationId: string | null, keys: string[]): Promise<void> {
  await tx.$executeRaw`
    SELECT 1 FROM budgets WHERE (organization_id = ${organizationId}::uuid AND (scope_type || '/' || scope_id) = ANY(${keys}))
      OR id::text = ANY(SELECT unnest(budget_ids) FROM reservations WHERE id = ${key}) ORDER BY id FOR UPDATE`;
}

/** Gives back what a key holds; nothing held is fine. Its budgets are locked before. */
async function release(tx: Transaction, key: string, state: 'released' | 'settled'): Promise<void> {
  await tx.$executeRaw`
    WITH done AS (UPDATE reservations SET state = ${state}, settled_at = now() WHERE id = ${key} AND state = 'held' RETURNING budget_ids, held_micros)
    UPDATE budgets SET held_micros = budgets.held_micros - done.held_micros FROM done WHERE budgets.id::text = ANY(done.budget_ids)`;
}

export interface CostEntry {
  /** Business key: the same call recorded again is recorded once. */
  key: string;
  organization_id: string;
  project_id: string | null;
  spec_id?: string | null;
  ticket_id?: string | null;
  task_id?: string | null;
  run_id?: string | null;
  kind: string;
  provider: string;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  input_micros: number;
  output_micros: number;
  cost_micros: number;
}

/** Every budget a cost counts against. */
export function scopesOf(entry: { organization_id: string; project_id?: string | null; spec_id?: string | null; ticket_id?: string | null; task_id?: string | null; run_id?: string | null }): ScopeRef[] {
  const scopes: [BudgetScope, string | null | undefined][] = [
    ['global', entry.organization_id],
    ['project', entry.project_id],
    ['spec', entry.spec_id],
    ['ticket', entry.ticket_id],
    ['task', entry.task_id],
    ['run', entry.run_id],
    ['agent', entry.run_id],
  ];
  return scopes.flatMap(([type, id]) => (id ? [{ type, id }] : []));
}

/** Records a cost once, settles its hold, charges every budget and tells of the limits it crossed. */
export async function settle(tx: Transaction, emit: Emit, entry: CostEntry, thresholds: { critical: number }): Promise<boolean> {
  const keys = scopesOf(entry).map((scope) => `${scope.type}/${scope.id}`);
  await lockBudgets(tx, entry.key, entry.organization_id, keys);
  const inserted = await tx.$executeRaw`
    INSERT INTO cost_records (id, organization_id, project_id, spec_id, ticket_id, task_id, run_id, kind, provider, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_micros, output_micros, cost_micros)
    VALUES (${entry.key}, ${entry.organization_id}::uuid, ${entry.project_id}::uuid, ${entry.spec_id ?? null}::uuid, ${entry.ticket_id ?? null}::uuid, ${entry.task_id ?? null}::uuid, ${entry.run_id ?? null}::uuid,
      ${entry.kind}, ${entry.provider}, ${entry.model}, ${entry.input_tokens}, ${entry.output_tokens}, ${entry.cache_read_tokens}, ${entry.cache_write_tokens}, ${entry.input_micros}, ${entry.output_micros}, ${entry.cost_micros})
    ON CONFLICT (id) DO NOTHING`;
  await release(tx, entry.key, 'settled');
  if (inserted === 0) return false;
  const charged = await tx.$queryRaw<RawBudget[]>`
    UPDATE budgets SET spent_micros = spent_micros + ${entry.cost_micros} WHERE organization_id = ${entry.organization_id}::uuid
      AND (scope_type || '/' || scope_id) = ANY(${keys}) AND (period_end IS NULL OR period_end > now()) RETURNING *`;
  for (const budget of charged) await announce(tx, emit, entry, budget, thresholds.critical);
  const subject = entry.run_id ? { kind: 'run', id: entry.run_id } : { kind: entry.kind, id: entry.key };
  emit({ type: 'cost.recorded', organization_id: entry.organization_id, project_id: entry.project_id, entity: subject, data: { run_id: entry.run_id ?? null, spec_id: entry.spec_id ?? null, task_id: entry.task_id ?? null, kind: entry.kind, model: entry.model, cost_micros: entry.cost_micros, total_tokens: entry.input_tokens + entry.output_tokens + entry.cache_read_tokens + entry.cache_write_tokens } });
  return true;
}

async function announce(tx: Transaction, emit: Emit, entry: CostEntry, budget: RawBudget, critical: number): Promise<void> {
  const share = Number(budget.spent_micros) / Math.max(1, Number(budget.limit_micros));
  const crossed: { column: 'warned_at' | 'critical_at' | 'exceeded_at'; type: 'cost.budget.warning' | 'cost.budget.exceeded'; level: string }[] = [];
  if (share >= budget.alert_threshold && !budget.warned_at) crossed.push({ column: 'warned_at', type: 'cost.budget.warning', level: 'warning' });
  if (share >= critical && !budget.critical_at) crossed.push({ column: 'critical_at', type: 'cost.budget.warning', level: 'critical' });
  if (share >= 1 && !budget.exceeded_at) crossed.push({ column: 'exceeded_at', type: 'cost.budget.exceeded', level: 'exceeded' });
  for (const { column, type, level } of crossed) {
    await tx.budget.update({ where: { id: budget.id }, data: { [column]: new Date() } });
    // A run's own limit is told on the run's page; a budget that a person set is an alert.
    if (budget.scope_type === 'run') continue;
    emit({ type, organization_id: entry.organization_id, project_id: entry.project_id, entity: { kind: 'budget', id: budget.id }, data: { budget_id: budget.id, scope_type: budget.scope_type, scope_id: budget.scope_id, level, limit_micros: Number(budget.limit_micros), spent_micros: Number(budget.spent_micros), remaining_micros: Math.max(0, Number(budget.limit_micros - budget.spent_micros)) } });
  }
}

/** Gives back what a key holds, in a transaction of its own. */
export async function releaseHold(tx: Transaction, key: string): Promise<void> {
  await lockBudgets(tx, key, null, []);
  await release(tx, key, 'released');
}

export function moneyStore(core: StoreCore, thresholds: { alert: number; critical: number }) {
  return {
    hold: (options: Parameters<typeof hold>[1]) => core.change((tx) => hold(tx, options)),
    release: (key: string) => core.change((tx) => releaseHold(tx, key)),
    settle: (entry: CostEntry) => core.change((tx, emit) => settle(tx, emit, entry, thresholds)),

    answer: (key: string) => core.read((db) => db.answer.findUnique({ where: { key } })),
    /** Keeps an answer with its cost, in one transaction. */
    keepAnswer: (answer: { key: string; organization_id: string; kind: string; value: object }, cost: CostEntry) =>
      core.change(async (tx, emit) => {
        await tx.answer.createMany({ data: answer, skipDuplicates: true });
        await settle(tx, emit, cost, thresholds);
      }),

    /** Sets the budget of a scope, making it when there is none. Raising it clears the alerts it has outgrown. */
    setBudget: (input: { organization_id: string; scope: ScopeRef; limit_micros: number; alert_threshold?: number; period_end?: Date | null; project_id?: string | null }) =>
      core.change(async (tx, emit) => {
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
          emit({ type: 'budget.created', organization_id: input.organization_id, project_id: input.project_id ?? null, entity: { kind: 'budget', id: budget.id }, data: { budget_id: budget.id, scope_type: input.scope.type, scope_id: input.scope.id, limit_micros: input.limit_micros } });
        }
        return shown(budget);
      }),

    budgets: (organizationId: string, filter: { scope?: ScopeRef } = {}) =>
      core.read(async (db) => {
        const rows = await db.budget.findMany({
          where: { organization_id: organizationId, ...(filter.scope ? { scope_type: filter.scope.type, scope_id: filter.scope.id } : { scope_type: { not: 'run' } }) },
          orderBy: { created_at: 'asc' },
          take: 200,
        });
        return rows.map(shown);
      }),

    /** Whether a call of that cost would fit now into every budget of the scopes. */
    check: (organizationId: string, scopes: ScopeRef[], estimateMicros: number) =>
      core.read(async (db) => {
        const rows = await db.budget.findMany({ where: { organization_id: organizationId, OR: scopes.map((scope) => ({ scope_type: scope.type, scope_id: scope.id })) } });
        const budgets = rows.filter((row) => !row.period_end || row.period_end > new Date()).map(shown);
        const refused = budgets.find((b) => b.spent_micros + b.held_micros + estimateMicros > b.limit_micros);
        return { allowed: !refused, refused_by: refused ?? null, budgets };
      }),

    records: (organizationId: string, filter: { task_id?: string; run_id?: string; spec_id?: string; project_id?: string; limit: number; before?: Date }) =>
      core.read((db) =>
        db.costRecord.findMany({
          where: { organization_id: organizationId, task_id: filter.task_id, run_id: filter.run_id, spec_id: filter.spec_id, project_id: filter.project_id, created_at: filter.before && { lt: filter.before } },
          orderBy: { created_at: 'desc' },
          take: filter.limit,
        }),
      ),

    /** Totals per model of a scope; 'global' is the organization. */
    summary: async (organizationId: string, scope: ScopeRef, since?: Date) => {
      const column = { global: 'organization_id', project: 'project_id', spec: 'spec_id', ticket: 'ticket_id', task: 'task_id', run: 'run_id', agent: 'run_id', phase: 'kind' }[scope.type] as 'run_id';
      const groups = await core.read((db) =>
        db.costRecord.groupBy({
          by: ['provider', 'model'],
          where: { organization_id: organizationId, [column]: scope.id, created_at: since && { gte: since } },
          _sum: { cost_micros: true, input_tokens: true, output_tokens: true, cache_read_tokens: true, cache_write_tokens: true },
          _count: true,
        }),
      );
      const models = groups.map((g) => ({
        provider: g.provider,
        model: g.model,
        calls: g._count,
        cost_micros: g._sum.cost_micros ?? 0,
        input_tokens: g._sum.input_tokens ?? 0,
        output_tokens: g._sum.output_tokens ?? 0,
        cache_read_tokens: g._sum.cache_read_tokens ?? 0,
        cache_write_tokens: g._sum.cache_write_tokens ?? 0,
      }));
      return { models, calls: models.reduce((n, m) => n + m.calls, 0), cost_micros: models.reduce((n, m) => n + m.cost_micros, 0) };
    },

    budgetOf: async (organizationId: string, scope: ScopeRef): Promise<BudgetRow> => {
      const row = await core.read((db) => db.budget.findUnique({ where: { organization_id_scope_type_scope_id: { organization_id: organizationId, scope_type: scope.type, scope_id: scope.id } } }));
      if (!row) throw notFound('budget');
      return shown(row);
    },

    /** Reservations still held by runs that have ended: there should be none. */
    leakedHolds: () =>
      core.read((db) => db.$queryRaw<{ id: string }[]>`SELECT r.id FROM reservations r JOIN runs ON runs.id = r.run_id WHERE r.state = 'held' AND runs.ended_at IS NOT NULL`),
  };
}
