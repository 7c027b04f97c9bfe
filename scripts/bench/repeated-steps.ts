import type { Stage } from './stage.ts';

/** Kinds of timeout that the server gives to a step of a workflow's own, such as a worker that does not answer. */
const isLimit = (message: string | null | undefined) => /timeout|timed out/i.test(message ?? '');

/** Steps of agents that a limit of time of the platform began again: workflow tasks and activities, by their histories. */
export async function repeatedSteps(stage: Stage): Promise<number> {
  const temporal = await stage.stack.temporal();
  let count = 0;
  try {
    for await (const { workflowId, runId } of temporal.client.workflow.list({
      query: "WorkflowType='agentWorkflow'",
    })) {
      const handle = temporal.client.workflow.getHandle(workflowId, runId);
      const { events } = await handle.fetchHistory();
      for (const event of events ?? []) {
        if (event.workflowTaskTimedOutEventAttributes || event.activityTaskTimedOutEventAttributes) count += 1;
        const started = event.activityTaskStartedEventAttributes;
        if (started && isLimit(started.lastFailure?.message)) count += Number(started.attempt) - 1;
      }
      const { raw } = await handle.describe();
      for (const pending of raw.pendingActivities ?? [])
        if (isLimit(pending.lastFailure?.message)) count += Number(pending.attempt) - 1;
    }
  } finally {
    await temporal.close();
  }
  return count;
}
