import { randomUUID } from 'node:crypto';
import { notFound } from '#workflows/domain/errors.ts';
import type { StoreCore } from './core.ts';
import { hold, releaseSql, settle, shown, type BudgetRow, type CostEntry, type Hold } from './holds.ts';
import type { ScopeRef } from '#workflows/domain/billing/scopes.ts';

export function moneyStore(core: StoreCore, thresholds: { alert: number; critical: number }) {
  return {
    hold: (wanted: Hold) => core.change((tx) => hold(tx, wanted)),
    release: (organizationId: string, key: string) => core.statement(releaseSql(key, organizationId)),
    settle: (entry: CostEntry) => core.change((tx, emit) => settle(tx, emit, entry, thresholds)),

    answer: (key: string) => core.read((db) => db.answer.findUnique({ where: { key } })),
    /** Keeps an answer with its cost, in one transaction. */
    keepAnswer: (answer: { key: string; organization_id: string; kind: string; value: object }, cost: CostEntry) =>
      core.change(async (tx, emit) => {
        await tx.answer.createMany({ data: answer, skipDuplicates: true });
        await settle(tx, emit, cost, thresholds);
      }),

    /** Sets the budget of a scope, making it when there is none. Raising it clears the alerts it has outgrown. */
    setBudget: (input: {
      organization_id: string;
      scope: ScopeRef;
      limit_micros: number;
      alert_threshold?: number;
      period_end?: Date | null;
      project_id?: string | null;
    }) =>
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
        return shown(budget);
      }),

    budgets: (organizationId: string, filter: { scope?: ScopeRef } = {}) =>
      core.read(async (db) => {
        const rows = await db.budget.findMany({
          where: {
            organization_id: organizationId,
            ...(filter.scope
              ? { scope_type: filter.scope.type, scope_id: filter.scope.id }
              : { scope_type: { not: 'run' } }),
          },
          orderBy: { created_at: 'asc' },
          take: 200,
        });
        return rows.map(shown);
      }),

    /** Whether a call of that cost would fit now into every budget of the scopes. */
    check: (organizationId: string, scopes: ScopeRef[], estimateMicros: number) =>
      core.read(async (db) => {
        const rows = await db.budget.findMany({
          where: {
            organization_id: organizationId,
            OR: scopes.map((scope) => ({ scope_type: scope.type, scope_id: scope.id })),
          },
        });
        const budgets = rows.filter((row) => !row.period_end || row.period_end > new Date()).map(shown);
        const refused = budgets.find((b) => b.spent_micros + b.held_micros + estimateMicros > b.limit_micros);
        return { allowed: !refused, refused_by: refused ?? null, budgets };
      }),

    records: (
      organizationId: string,
      filter: {
        task_id?: string;
        run_id?: string;
        spec_id?: string;
        project_id?: string;
        limit: number;
        before?: Date;
      },
    ) =>
      core.read((db) =>
        db.costRecord.findMany({
          where: {
            organization_id: organizationId,
            task_id: filter.task_id,
            run_id: filter.run_id,
            spec_id: filter.spec_id,
            project_id: filter.project_id,
            created_at: filter.before && { lt: filter.before },
          },
          orderBy: { created_at: 'desc' },
          take: filter.limit,
        }),
      ),

    /** Totals per model of a scope; 'global' is the organization. */
    summary: async (organizationId: string, scope: ScopeRef, since?: Date) => {
      const column = {
        global: 'organization_id',
        project: 'project_id',
        spec: 'spec_id',
        ticket: 'ticket_id',
        task: 'task_id',
        run: 'run_id',
        agent: 'run_id',
        phase: 'phase',
      }[scope.type] as 'run_id';
      const groups = await core.read((db) =>
        db.costRecord.groupBy({
          by: ['provider', 'model'],
          where: { organization_id: organizationId, [column]: scope.id, created_at: since && { gte: since } },
          _sum: {
            cost_micros: true,
            input_tokens: true,
            output_tokens: true,
            cache_read_tokens: true,
            cache_write_tokens: true,
          },
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
      return {
        models,
        calls: models.reduce((n, m) => n + m.calls, 0),
        cost_micros: models.reduce((n, m) => n + m.cost_micros, 0),
      };
    },

    budgetOf: async (organizationId: string, scope: ScopeRef): Promise<BudgetRow> => {
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
      return shown(row);
    },

    /** Reservations still held by runs that have ended: there should be none. */
    leakedHolds: () =>
      core.read(
        (db) =>
          db.$queryRaw<
            { id: string }[]
          >`SELECT r.id FROM reservations r JOIN runs ON runs.id = r.run_id WHERE r.state = 'held' AND runs.ended_at IS NOT NULL`,
      ),
  };
}
