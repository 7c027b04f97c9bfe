import type { FixRound } from '#prisma/store/fix-loop.ts';
import type { Task } from '#prisma/store/tasks.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { recheckSignal } from '#workflows/contracts/work.ts';
import { fixMarkOf } from '#workflows/domain/tasks/fix-loop.ts';
import type { Services } from './services.ts';

/** Lets another task fix one that failed, and lets a third do its check again (EXEC-39). Safe to repeat. */
export async function openTaskFix(
  { store, workflows }: Pick<Services, 'store' | 'workflows'>,
  task: Task,
  by: string,
): Promise<FixRound> {
  const { organization_id, ticket_id, phase_id, id: task_id, error_message: error } = task;
  // A check of the loop that fails again is about the same thing.
  const name = fixMarkOf(task) ? task.title.replace(/^(Fix|Check again): /, '') : `${task.key} ${task.title}`;
  const text = error ?? 'Its work was not accepted.';
  const round = await store.tasks.openFix(organization_id, ticket_id, {
    of: 'task',
    ...{ task_id, phase_id, name, text, by },
  });
  for (const id of [ticket_id, ...round.waiting])
    await workflows.signalIfRunning(workflowId.ticket(id), recheckSignal, {});
  return round;
}
