import { AppError } from '#workflows/domain/errors.ts';
import { neededFor } from '#workflows/domain/tasks/chosen-tasks.ts';
import { asJson, taskRow } from './json.ts';
import type { StoreCore } from './core.ts';
import { lockSpec } from './spec-record.ts';

/** Which tasks of a plan a person wants done (PLAN-19). */
export const chosenTasks = (core: StoreCore) => ({
  /**
   * Leaves out the tasks of a spec that have not begun and that none of these needs; without ids none is left out.
   * @param ids of tasks, as on the board or in the plan. @throws invalid_rule with those that the spec does not have.
   */
  chooseTasks: (organizationId: string, specId: string, ids: string[] | undefined): Promise<void> =>
    core.change(async (tx) => {
      await lockSpec(tx, organizationId, specId);
      const tasks = (await tx.task.findMany({ where: { spec_id: specId } })).map(taskRow);
      const tickets = await tx.ticket.findMany({ where: { spec_id: specId }, select: { id: true, blocked_by: true } });
      const named = ids?.map(
        (id) => tasks.find((task) => task.id === id || task.local_id === id)?.id ?? { unknown: id },
      );
      const unknown = named?.flatMap((one) => (typeof one === 'string' ? [] : [one.unknown])) ?? [];
      if (unknown.length > 0)
        throw new AppError('invalid_rule', `task_ids: the spec has no task ${unknown.join(', ')}.`, [
          { field: 'task_ids', message: 'names tasks that the spec does not have' },
        ]);
      const wanted = named && neededFor(named.map(String), tasks, tickets);
      for (const { id, status, attempt, execution_config: config } of tasks) {
        const leaves = wanted !== undefined && !wanted.has(id);
        if (status !== 'pending' || attempt > 0 || (config.left_out === true) === leaves) continue;
        const { left_out: _before, ...rest } = config;
        const execution_config = asJson(leaves ? { ...rest, left_out: true } : rest);
        await tx.task.update({ where: { id }, data: { execution_config, updated_at: new Date() } });
      }
    }),
});
