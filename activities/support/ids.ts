import { Context } from '@temporalio/activity';
import { v5 } from 'uuid';

/** Namespace of ids that are made from names (RFC 9562, version 5). */
const namespace = '5d3c1f0e-8a34-4f7b-9a55-0f6e2b9f6c11';

/** The id of what has this name: whoever asks again means the same row. */
export const idOf = (name: string): string => v5(name, namespace);

/** When the step that runs was asked for: the same for every try of it. */
export const stepTime = (): Date => new Date(Context.current().info.scheduledTimestampMs);

/** The same for every try of the step that runs, and for no other step: what it makes under it is made once. */
export function stepId(): string {
  const { workflowExecution, activityId } = Context.current().info;
  return idOf(`step:${workflowExecution?.workflowId}:${workflowExecution?.runId}:${activityId}`);
}
