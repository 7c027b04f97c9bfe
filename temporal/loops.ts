import { hostname } from 'node:os';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { RunningLoop, WorkflowsPort } from '#activities/ports/workflows.ts';
import { taskQueues } from '#workflows/contracts/ids.ts';
import { searchAttributes } from '#workflows/contracts/search-attributes.ts';
import { monitors, monitorTypes, type LoopState } from '#workflows/domain/watch/watchdog.ts';
import { translate } from './client-errors.ts';

const gone: LoopState = { running: false, task_attempt: 0, step_attempt: 0 };
const workflowQueue = 1; // temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW

/** What is asked of Temporal about workflows, and what the watchdog does to loops. */
export function loopsOf(
  client: Client,
  guarded: <T>(id: string, work: () => Promise<T>) => Promise<T>,
): Pick<WorkflowsPort, 'isRunning' | 'isNewestTry' | 'state' | 'runningLoops' | 'terminate' | 'workers' | 'release'> {
  const { namespace } = client.options;
  return {
    isRunning: async (id) => {
      try {
        return (await client.workflow.getHandle(id).describe()).status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw translate(error, id);
      }
    },
    isNewestTry: ({ workflow_id: id, activity_id: activityId, attempt }) =>
      guarded(id, async () => {
        const { raw } = await client.workflow.getHandle(id).describe();
        const newest = raw.pendingActivities?.find((activity) => activity.activityId === activityId);
        return newest?.attempt === attempt && newest.lastWorkerIdentity === `${process.pid}@${hostname()}`;
      }),
    state: (id) =>
      guarded(id, async () => {
        try {
          const { status, raw } = await client.workflow.getHandle(id).describe();
          return {
            running: status.name === 'RUNNING',
            task_attempt: raw.pendingWorkflowTask?.attempt ?? 0,
            step_attempt: Math.max(0, ...(raw.pendingActivities ?? []).map(({ attempt }) => attempt ?? 0)),
          };
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return gone;
          throw error;
        }
      }),
    runningLoops: (organizationId) =>
      guarded('loops', async () => {
        const types = Object.values(monitorTypes).map((type) => `'${type}'`);
        const own = organizationId ? ` AND ${searchAttributes.org.name} = '${organizationId}'` : '';
        const query = `ExecutionStatus = 'Running' AND WorkflowType IN (${types.join(', ')})${own}`;
        const found: RunningLoop[] = [];
        for await (const { workflowId, type, typedSearchAttributes } of client.workflow.list({ query })) {
          const monitor = monitors.find((name) => monitorTypes[name] === type);
          const organization_id = typedSearchAttributes.get(searchAttributes.org);
          const project_id = typedSearchAttributes.get(searchAttributes.project) ?? null;
          if (monitor && organization_id) found.push({ monitor, workflow_id: workflowId, organization_id, project_id });
        }
        return found;
      }),
    terminate: (id, reason) =>
      guarded(id, async () => {
        try {
          await client.workflow.getHandle(id).terminate(reason);
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }),
    workers: () =>
      guarded('workers', async () => {
        const { pollers } = await client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: taskQueues.main },
          taskQueueType: workflowQueue,
        });
        return new Set(pollers?.map(({ identity }) => identity)).size;
      }),
    release: (id) =>
      guarded(id, async () => {
        await client.workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId: id } });
      }),
  };
}
