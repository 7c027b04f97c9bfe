import { workflowId } from '#workflows/contracts/ids.ts';
import { organizationFreeSignal } from '#workflows/contracts/work.ts';
import type { Services } from './services.ts';

/** Signals to the queues of projects that tasks may have slots now. @returns the projects whose queue does not run. */
export async function wakeQueues({ workflows }: Pick<Services, 'workflows'>, projectIds: string[]): Promise<string[]> {
  const signals = await Promise.all(
    projectIds.map(async (id) => ({
      id,
      there: await workflows.signalIfRunning(workflowId.projectQueue(id), organizationFreeSignal, {}),
    })),
  );
  return signals.filter(({ there }) => !there).map(({ id }) => id);
}
