import { workflowId } from '#workflows/contracts/ids.ts';
import { setOpenSignal } from '#workflows/contracts/work.ts';
import { startsByItself } from '#workflows/domain/tasks/states.ts';
import type { Services } from './services.ts';

/**
 * Tells the queue of a project whether its tasks start by themselves, until the record is as it was told. The record may
 * change between its reading and the signal, and the signals of two callers may pass each other: whoever signals last
 * then finds the difference.
 * @param told what the queue was told last; undefined: nothing yet.
 */
export async function tellQueue(
  { store, workflows }: Pick<Services, 'store' | 'workflows'>,
  project: { organization_id: string; project_id: string },
  told?: boolean,
): Promise<void> {
  for (let known = told; ;) {
    const open = startsByItself(await store.projects.get(project.organization_id, project.project_id));
    if (open === known) return;
    await workflows.signalIfRunning(workflowId.projectQueue(project.project_id), setOpenSignal, { open });
    known = open;
  }
}
