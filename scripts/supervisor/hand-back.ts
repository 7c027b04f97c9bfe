import { hostname } from 'node:os';
import { Client, type Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { heartbeatTimeoutSeconds } from '#workflows/contracts/ids.ts';
import { workerDiedType } from '#workflows/domain/passing-errors.ts';

/** Heartbeats are sent once a second, so Temporal gives up a dead worker's steps this long after its death or later. */
const earliestTimeoutMs = (heartbeatTimeoutSeconds - 1) * 1000;
/** So long before that, no more steps are handed back: a step that another worker has taken since must not be failed. */
const marginMs = 1000;
const atOnce = 8;

const { PENDING_ACTIVITY_STATE_STARTED: started } = proto.temporal.api.enums.v1.PendingActivityState;

/**
 * Hands back the steps that a dead process of this machine was running, so that they are repeated as soon as a worker is
 * there and not when their heartbeats are missed. Its workflows are freed from its own queue, on which their next
 * workflow task would wait for it.
 * @param diedAt `performance.now()` of the death, or a little later.
 */
export async function handBackSteps(
  connection: Connection,
  namespace: string,
  pid: number,
  diedAt: number,
): Promise<void> {
  const { workflowService: service } = connection;
  const inTime = () => performance.now() < diedAt + earliestTimeoutMs - marginMs;
  // The worker's name of itself, as Temporal's SDK makes it.
  const dead = `${pid}@${hostname()}`;

  async function handBackOf(workflowId: string, runId: string): Promise<void> {
    const execution = { workflowId, runId };
    const [{ pendingActivities }] = await Promise.all([
      service.describeWorkflowExecution({ namespace, execution }),
      service.resetStickyTaskQueue({ namespace, execution }).catch(() => undefined),
    ]);
    for (const { activityId, state, lastWorkerIdentity } of pendingActivities ?? []) {
      if (state !== started || lastWorkerIdentity !== dead || !inTime()) continue;
      const failure = {
        message: 'The worker died while it ran the step.',
        applicationFailureInfo: { type: workerDiedType, nextRetryDelay: { nanos: 1_000_000 } },
      };
      await service.respondActivityTaskFailedById({ namespace, workflowId, runId, activityId, failure });
    }
  }

  const looks = new Set<Promise<void>>();
  const { workflow } = new Client({ connection, namespace });
  for await (const { workflowId, runId } of workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    if (!inTime()) break;
    // A step or a workflow that has ended meanwhile needs nothing.
    const look: Promise<void> = handBackOf(workflowId, runId).catch(() => undefined);
    looks.add(look);
    void look.then(() => looks.delete(look));
    if (looks.size >= atOnce) await Promise.race(looks);
  }
  await Promise.all(looks);
}
