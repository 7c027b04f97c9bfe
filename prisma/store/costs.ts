import type { StoreCore } from './core.ts';
import { businessKey, pageOf, type PageQuery } from './page.ts';
import { recordCost, type CostEntry } from './reservations.ts';
import type { CallScope, ScopeRef } from '#workflows/domain/billing/scopes.ts';

export function costsStore(core: StoreCore, thresholds: { critical: number }) {
  return {
    record: (entry: CostEntry) => core.change((tx, emit) => recordCost(tx, emit, entry, thresholds)),

    answer: (key: string) => core.read((db) => db.answer.findUnique({ where: { key } })),
    /** Stores an answer and its cost in one transaction. */
    keepAnswer: (answer: { key: string; organization_id: string; kind: string; value: object }, cost: CostEntry) =>
      core.change(async (tx, emit) => {
        await tx.answer.createMany({ data: answer, skipDuplicates: true });
        await recordCost(tx, emit, cost, thresholds);
      }),

    /** Notifies people that the provider refuses the requests for a value. */
    requestRefused: (
      refused: CallScope & { kind: string; subject: string; model: string; reason: string },
    ): Promise<void> =>
      core.change(async (_tx, emit) =>
        emit({
          type: 'model.request_refused',
          organization_id: refused.organization_id,
          project_id: refused.project_id,
          entity: { kind: 'model', id: refused.model },
          data: {
            kind: refused.kind,
            subject: refused.subject,
            model: refused.model,
            reason: refused.reason,
            run_id: refused.run_id,
            task_id: refused.task_id,
            ticket_id: refused.ticket_id,
            spec_id: refused.spec_id,
          },
        }),
      ),

    list: (
      organizationId: string,
      filter: {
        task_id?: string;
        run_id?: string;
        spec_id?: string;
        project_id?: string;
      },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(
          page,
          ({ where, ...order }) =>
            db.costRecord.findMany({
              where: { AND: [{ organization_id: organizationId, ...filter }, where] },
              ...order,
            }),
          businessKey,
        ),
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
  };
}
