import { executeChild } from '@temporalio/workflow';
import { workflowId } from './contracts/ids.ts';
import type { TaskInput, TaskResult } from './contracts/work.ts';
import { records } from './support/activities.ts';
import { childOptions } from './support/children.ts';
import { ProgressReport } from './support/progress.ts';
import { taskWorkflow } from './task.ts';

export interface DiscoveryInput extends TaskInput {
  discovery_id: string;
}

/** A discovery's branch of work, from its task's start to the finding's resolution. */
export async function discoveryWorkflow(input: DiscoveryInput): Promise<TaskResult> {
  const progress = new ProgressReport('its task runs');
  const { discovery_id: discoveryId, ...task } = input;
  const ref = { organization_id: input.organization_id, discovery_id: discoveryId };
  await records.settleDiscovery({ ...ref, status: 'in_progress' });
  progress.set('running', 'its task runs');
  try {
    const result = await executeChild(taskWorkflow, {
      ...childOptions(input, { task: input.task_id }),
      workflowId: workflowId.task(input.task_id),
      args: [task],
    });
    const resolved = result.status === 'completed';
    await records.settleDiscovery({ ...ref, status: resolved ? 'resolved' : 'invalid' });
    progress.set(resolved ? 'completed' : 'cancelled', resolved ? 'resolved' : 'given up');
    return result;
  } catch (error) {
    progress.set('failed', 'its task broke');
    throw error;
  }
}
