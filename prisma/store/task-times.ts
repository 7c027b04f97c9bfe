import { notFound } from '#workflows/domain/errors.ts';
import type { StoreCore } from './core.ts';
import { asJson, runRow, taskRow } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';
import { taskData } from './tasks.ts';

/** The stop reason of a run that has used its time. */
const outOfTime = 'max_duration_reached';
/** Tasks that ran out of time are found by so many of the newest runs that did. */
const mostRuns = 5000;

interface Filter {
  project_id?: string;
}

/** The time that tasks have used of their limits (EXEC-07). */
export const taskTimes = (core: StoreCore) => ({
  /** Records that a person started a waiting task past its turn (EXEC-13): once for each of its attempts. */
  recordBump: (organizationId: string, id: string, by: string) =>
    core.change(async (tx, emit) => {
      await tx.$queryRaw`SELECT 1 FROM tasks WHERE id = ${id}::uuid FOR UPDATE`;
      const row = await tx.task.findFirst({ where: { id, organization_id: organizationId } });
      if (!row) throw notFound('task');
      const task = taskRow(row);
      const bumped = { by, attempt: task.attempt };
      if ((task.execution_config.bumped as { attempt?: number } | undefined)?.attempt === task.attempt) return;
      await tx.task.update({ where: { id }, data: { execution_config: asJson({ ...task.execution_config, bumped }) } });
      emit({
        type: 'task.bumped',
        organization_id: organizationId,
        project_id: task.project_id,
        entity: { kind: 'task', id },
        data: { ...taskData(task), by },
      });
    }),
  /** A task's limit and the time of its newest run. Time in which a run waits counts for no limit. */
  timeOf: (organizationId: string, id: string) =>
    core.read(async (db) => {
      const task = await db.task.findFirst({ where: { id, organization_id: organizationId } });
      if (!task) throw notFound('task');
      const row = await db.run.findFirst({
        where: { task_id: id, organization_id: organizationId, kind: 'task', caller_run_id: null },
        orderBy: { created_at: 'desc' },
      });
      const run = row && runRow(row);
      const works = run?.status === 'running';
      const counted = run?.loop?.state.active_ms ?? 0;
      const since = works ? Date.now() - (run.last_work_at ?? run.started_at ?? new Date()).getTime() : 0;
      return {
        task: taskRow(task),
        run: run && {
          id: run.id,
          ended: run.ended_at !== null,
          max_seconds: run.limits.max_seconds,
          asks_at: run.limits.asks_at ?? [],
        },
        elapsed_seconds: (counted + since) / 1000,
        timed_out: run?.stop_reason === outOfTime,
      };
    }),

  /** Failed tasks whose newest run ran out of time, the newest first. */
  timedOut: (organizationId: string, filter: Filter, page: PageQuery) =>
    core.read(async (db) => {
      const ours = { organization_id: organizationId, ...filter };
      const runs = await db.run.findMany({
        where: { ...ours, stop_reason: outOfTime, kind: 'task' },
        select: { id: true },
        orderBy: { created_at: 'desc' },
        take: mostRuns,
      });
      const run_id = { in: runs.map(({ id }) => id) };
      return pageOf(page, async (query) =>
        (
          await db.task.findMany({ ...query, where: { AND: [{ ...ours, status: 'failed', run_id }, query.where] } })
        ).map(taskRow),
      );
    }),
});
