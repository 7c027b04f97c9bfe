import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { taskQueues, workflowId } from '#workflows/contracts/ids.ts';

export interface Rhythms {
  retention_every: number;
  backfill_every: number;
  /** Null: nothing is watched. */
  watchdog_check: number | null;
}

/** Starts what the platform does now and then, at its intervals in seconds. The schedules have the same ids on every server. */
export async function ensureSchedules(client: Client, rhythms: Rhythms): Promise<void> {
  await ensure(client, { id: workflowId.retention(), type: 'retentionWorkflow', every: rhythms.retention_every });
  if (rhythms.watchdog_check !== null)
    await ensure(client, { id: workflowId.watchdog(), type: 'watchdogWorkflow', every: rhythms.watchdog_check });
  // Once at each start of a server: another model may be chosen now.
  const known = await ensure(client, {
    id: workflowId.reembedding(),
    type: 'reembedWorkflow',
    every: rhythms.backfill_every,
  });
  await known?.trigger(ScheduleOverlapPolicy.SKIP);
}

/** Turns the schedule on that brings the watchdog back, or off while no loop runs, so that an idle platform does nothing. */
export async function guardWatchdog(client: Client, on: boolean): Promise<void> {
  const schedule = client.schedule.getHandle(workflowId.watchdog());
  try {
    await (on ? schedule.unpause('loops run') : schedule.pause('no loop runs'));
  } catch (error) {
    // The next start of a server makes it.
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
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
