import { writePlan } from '#activities/ports/write-plan.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';

/** Writes the plan onto the board on request. Tickets and tasks that exist already are skipped. */
export async function syncSpec({ services, organization_id }: Call, id: string): Promise<Record<string, number>> {
  const outputs = await services.store.specs.outputs(id);
  if (!outputs.tasks) throw new AppError('conflict', 'The spec has no plan yet: its phase tasks has not passed.');
  const {
    ticket_ids: _tickets,
    task_ids: _tasks,
    settings: _settings,
    ...counts
  } = await writePlan(services, organization_id, id);
  return counts;
}
