import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '#activities/index.ts';
import { agentQueue, heartbeatTimeoutSeconds, taskQueues } from '../contracts/ids.ts';
import type { StretchInput, StretchResult } from '../contracts/stretch.ts';
import { retried, retriedActivities } from './retrying.ts';

const heartbeatTimeout = `${heartbeatTimeoutSeconds}s` as const;

/** Tries by the server, within seconds and unseen by the workflow. After them the workflow waits, and shows it. */
const maximumAttempts = 3;

/** Short reads and writes of records. */
export const records = retriedActivities(
  proxyActivities<Activities>({
    startToCloseTimeout: '1m',
    heartbeatTimeout,
    retry: { maximumAttempts, initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
  }),
);

/**
 * Model calls for an agent's turn. An interrupt cancels them, and the workflow waits until the cancellation has
 * completed.
 */
export const models = retriedActivities(
  proxyActivities<Activities>({
    taskQueue: taskQueues.model,
    startToCloseTimeout: '30m',
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts, initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  }),
);

/** Longer work of the platform itself: git, pull requests, analyses. */
export const work = retriedActivities(
  proxyActivities<Activities>({
    startToCloseTimeout: '20m',
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts, initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
  }),
);

/** Work inside a sandbox, on the task queue of the machine that holds it. */
export function sandboxActivities(taskQueue: string) {
  return retriedActivities(
    proxyActivities<Activities>({
      taskQueue,
      startToCloseTimeout: '40m',
      heartbeatTimeout,
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: { maximumAttempts, initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
    }),
  );
}

/**
 * Stretches of an agent's turns, on the machine that holds its sandbox. Their limit has room for a stretch's own time and
 * for the longest step that begins in it.
 * @param turn number of the turn with which the next try begins, for whoever looks at it in Temporal.
 * @returns a function that starts a try; `next` gives the input of each, with its own number.
 */
export function stretches(
  sandboxQueue: string,
  turn: () => number,
): (next: () => StretchInput) => Promise<StretchResult> {
  const { stretch } = proxyActivities<Pick<Activities, 'stretch'>>({
    taskQueue: agentQueue(sandboxQueue),
    startToCloseTimeout: '60m',
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts, initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
  });
  const start = (input: StretchInput) =>
    stretch.executeWithOptions({ summary: `run ${input.run_id.slice(0, 8)}, from turn ${turn()}` }, [input]);
  return (next) => retried('stretch', () => start(next()));
}

/** Commands of a survey. Their own limits are settings of the project, of which the longest is below this one. */
export function surveyActivities(taskQueue: string) {
  return retriedActivities(
    proxyActivities<Activities>({
      taskQueue,
      startToCloseTimeout: '5h',
      heartbeatTimeout,
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: { maximumAttempts, initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
    }),
  );
}
