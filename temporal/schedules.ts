import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { taskQueues, workflowId } from '#workflows/contracts/ids.ts';

export interface Rhythms {
  retention_every: number;
  backfill_every: number;
}

/** Starts what the platform does now and then, at its intervals in seconds. The schedules have the same ids on every server. */
export async function ensureSchedules(client: Client, rhythms: Rhythms): Promise<void> {
  await ensure(client, { id: workflowId.retention(), type: 'retentionWorkflow', every: rhythms.retention_every });
  // Once at each start of a server: another model may be chosen now.
  const known = await ensure(client, {
    id: workflowId.reembedding(),
    type: 'reembedWorkflow',
    every: rhythms.backfill_every,
  });
  await known?.trigger(ScheduleOverlapPolicy.SKIP);
}

/** Creates a schedule, which starts its workflow at once, or gives the one that exists this interval and returns it. */
async function ensure(client: Client, { id, type, every }: { id: string; type: string; every: number }) {
  const spec = { intervals: [{ every: every * 1000 }] };
  const action = {
    type: 'startWorkflow' as const,
    workflowType: type,
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
    return undefined;
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(id);
    await handle.update((known) => ({ ...known, spec, action }));
    return handle;
  }
}
