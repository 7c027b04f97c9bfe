import type { StoreCore } from './core.ts';
import { businessKey, pageOf, type PageQuery } from './page.ts';
import { recordCost, type CostEntry } from './recorded-costs.ts';
import { costSummary, finishedCosts, namesOf } from './cost-summary.ts';
import type { CallScope } from '#workflows/domain/billing/scopes.ts';

interface CostFilter {
  task_id?: string;
  run_id?: string;
  spec_id?: string;
  project_id?: string;
  since?: Date;
  until?: Date;
}

const costWhere = (organizationId: string, { since, until, ...ids }: CostFilter) => ({
  organization_id: organizationId,
  ...ids,
  created_at: { gte: since, lt: until },
});

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

    list: (organizationId: string, filter: CostFilter, page: PageQuery) =>
      core.read((db) =>
        pageOf(
          page,
          ({ where, ...order }) =>
            db.costRecord.findMany({ where: { AND: [costWhere(organizationId, filter), where] }, ...order }),
          businessKey,
        ),
      ),

    /** The number of records that `list` has in all its pages. */
    count: (organizationId: string, filter: CostFilter) =>
      core.read((db) => db.costRecord.count({ where: costWhere(organizationId, filter) })),

    summary: (organizationId: string, query: Parameters<typeof costSummary>[2]) =>
      costSummary(core, organizationId, query),
    names: (refs: Parameters<typeof namesOf>[1]) => namesOf(core, refs),
    finished: (organizationId: string, of: Parameters<typeof finishedCosts>[2]) =>
      finishedCosts(core, organizationId, of),
  };
}
