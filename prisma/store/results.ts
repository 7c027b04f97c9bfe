import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { WorkResult } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { pageOf, type PageQuery } from './page.ts';

export type { WorkResult } from '../generated/client.ts';

/** The statuses of a result of a task, and of a ticket's work: before it is judged, accepted, refused. */
const resultStatuses = {
  task: ['unverified', 'verified', 'disputed'],
  ticket: ['pending_validation', 'validated', 'rejected'],
} as const;

const kindOf = (result: { task_id: string | null }) => (result.task_id ? 'task' : 'ticket');
const eventOf = (row: WorkResult) => ({
  organization_id: row.organization_id,
  project_id: row.project_id,
  entity: row.task_id ? { kind: 'task' as const, id: row.task_id } : { kind: 'ticket' as const, id: row.ticket_id },
  data: {
    result_id: row.id,
    ticket_id: row.ticket_id,
    task_id: row.task_id,
    result_type: row.result_type,
    status: row.status,
    by: row.judged_by ?? row.submitted_by,
  },
});

/** Results of tasks, and of the work on tickets, as they were reported and judged. They change no work. */
export function resultsStore(core: StoreCore) {
  return {
    /** A repeated call with the same id gives the same result. */
    submit: (
      input: Pick<
        WorkResult,
        | 'id'
        | 'organization_id'
        | 'project_id'
        | 'ticket_id'
        | 'task_id'
        | 'run_id'
        | 'result_type'
        | 'summary'
        | 'markdown'
        | 'submitted_by'
      >,
    ): Promise<WorkResult> =>
      core.change(async (tx, emit) => {
        const known = await tx.workResult.findUnique({ where: { id: input.id } });
        if (known) return known;
        const [status] = resultStatuses[kindOf(input)];
        const row = await tx.workResult.create({ data: { ...input, status } });
        emit({ ...eventOf(row), type: row.task_id ? 'result.task.submitted' : 'result.workflow.submitted' });
        return row;
      }),
    /**
     * A person's judgement: the first one stays, and the same one may be repeated.
     * @throws conflict for another judgement; invalid_rule for a result of the other kind.
     */
    judge: (
      organizationId: string,
      id: string,
      kind: 'task' | 'ticket',
      { accepted, ...judgement }: { accepted: boolean; judged_by: string; feedback: string | null },
    ): Promise<WorkResult> =>
      core.change(async (tx, emit) => {
        await tx.$queryRaw`SELECT 1 FROM work_results WHERE id = ${id}::uuid FOR UPDATE`;
        const before = await tx.workResult.findFirst({ where: { id, organization_id: organizationId } });
        if (!before) throw notFound('result');
        if (kindOf(before) !== kind)
          throw new AppError('invalid_rule', `result_id: it is the result of a ${kindOf(before)}, not of a ${kind}.`);
        const [open, yes, no] = resultStatuses[kind];
        const status = accepted ? yes : no;
        if (before.status === status) return before;
        if (before.status !== open)
          throw new AppError('conflict', `status: the result is ${before.status} already. Report a new one.`);
        const row = await tx.workResult.update({
          where: { id },
          data: { ...judgement, status, judged_at: new Date() },
        });
        if (kind === 'ticket') emit({ ...eventOf(row), type: 'result.workflow.validated' });
        else emit({ ...eventOf(row), type: accepted ? 'result.task.verified' : 'result.task.disputed' });
        return row;
      }),
    list: (
      organizationId: string,
      filter: { task_id: string } | { ticket_id: string; task_id: null },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.workResult.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
          }),
        ),
      ),
  };
}
