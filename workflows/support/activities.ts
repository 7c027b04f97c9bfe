import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '#activities/index.ts';
import { heartbeatTimeoutSeconds, taskQueues } from '../contracts/ids.ts';

const heartbeatTimeout = `${heartbeatTimeoutSeconds}s` as const;

/** Short reads and writes of records, retried until the database answers. */
export const records = proxyActivities<Activities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

/**
 * Model calls for an agent's turn. An interrupt cancels them, and the workflow waits until the cancellation has
 * completed.
 */
export const models = proxyActivities<Activities>({
  taskQueue: taskQueues.model,
  startToCloseTimeout: '30m',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** Longer work of the platform itself: git, pull requests, analyses. */
export const work = proxyActivities<Activities>({
  startToCloseTimeout: '20m',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
});

/** Work inside a sandbox, on the task queue of the machine that holds it. */
export function sandboxActivities(taskQueue: string) {
  return proxyActivities<Activities>({
    taskQueue,
    startToCloseTimeout: '40m',
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
  });
}
