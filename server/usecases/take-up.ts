import type { Services } from '#activities/ports/services.ts';
import { specInput } from './specs.ts';

/** Longer ago Temporal may have forgotten a workflow that has ended, and would begin it anew. */
const lookBackMs = 12 * 3_600_000;

/**
 * Begins what was accepted and has no workflow: whoever accepted it died between writing it down and starting it.
 * Safe to repeat, and next to others who do the same.
 */
export async function takeUpAccepted({ store, workflows, log }: Services): Promise<void> {
  const since = new Date(Date.now() - lookBackMs);
  const begin = async (what: string, id: string, start: () => Promise<'started' | 'already_running'>) => {
    if ((await start()) === 'started')
      log.warn({ [what]: id }, 'accepted by a process that died before it began: begun now');
  };
  for (const spec of await store.specs.notStarted(since)) {
    await begin('spec_id', spec.id, () => workflows.startSpec(specInput(spec), { first_only: true }));
  }
  for (const { id, organization_id, project_id } of await store.tickets.notStarted(since)) {
    await begin('ticket_id', id, () =>
      workflows.startTicket({ ticket_id: id, organization_id, project_id, spec_id: null }, { first_only: true }),
    );
  }
}
