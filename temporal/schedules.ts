import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { taskQueues, workflowId } from '#workflows/contracts/ids.ts';

/** Starts the retention now and then at the interval. The schedule has the same id on every server. */
export async function ensureRetention(client: Client, everySeconds: number): Promise<void> {
  const id = workflowId.retention();
  const spec = { intervals: [{ every: everySeconds * 1000 }] };
  const action = {
    type: 'startWorkflow' as const,
    workflowType: 'retentionWorkflow',
    workflowId: id,
    taskQueue: taskQueues.main,
    args: [],
  };
  try {
    await client.schedule.create({
      scheduleId: id,
      spec,
      action,
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
      state: { triggerImmediately: true },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(id).update((known) => ({ ...known, spec, action }));
  }
}
