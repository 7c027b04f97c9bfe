import { workflowId } from '#workflows/contracts/ids.ts';
import { resumeUpdate } from '#workflows/contracts/run.ts';
import type { Services } from './services.ts';

/** Resumes all runs that wait for the same fix of their provider, and ends its pause. */
export async function endModelPause(
  { store, workflows }: Pick<Services, 'store' | 'workflows'>,
  { organization_id: organizationId, provider }: { organization_id: string; provider: string },
  message: string,
  by: { actor: string; reason?: string },
): Promise<void> {
  const held = await store.modelPauses.waitingRuns(organizationId, provider, message);
  // A run may have ended or been resumed meanwhile.
  await Promise.allSettled(held.map((id) => workflows.update(workflowId.run(id), resumeUpdate, by)));
  // Last: a process that dies before leaves the pause, with which the next answer of the provider comes here again.
  await store.modelPauses.lift(organizationId, provider, message);
}
