import { boardPlan } from '#workflows/domain/phases/board.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';

/** Writes the plan onto the board on request. Tickets and tasks that exist already are skipped. */
export async function syncSpec({ services, organization_id }: Call, id: string): Promise<Record<string, number>> {
  const outputs = await services.store.specs.outputs(id);
  if (!outputs.tasks) throw new AppError('conflict', 'The spec has no plan yet: its phase tasks has not passed.');
  const { project_id } = await services.store.specs.get(organization_id, id);
  const { settings } = await services.store.projects.get(organization_id, project_id);
  const {
    ticket_ids: _tickets,
    task_ids: _tasks,
    ...counts
  } = await services.store.sync.syncPlan(organization_id, id, boardPlan(id, outputs, settings.requirement_words));
  return counts;
}
