import { Context } from '@temporalio/activity';
import { v5 } from 'uuid';

/** Namespace of ids that are derived from names (RFC 9562, version 5). */
const namespace = '5d3c1f0e-8a34-4f7b-9a55-0f6e2b9f6c11';

/** An id derived from a name: a repeated call finds the same row. */
export const deterministicId = (name: string): string => v5(name, namespace);

/** The time at which the running activity was scheduled, which is the same for all its tries. */
export const scheduledAt = (): Date => new Date(Context.current().info.scheduledTimestampMs);

/** An id of the running activity, the same for all its tries: a row with this id is created once. */
export function activityId(): string {
  const { workflowExecution, activityId: id } = Context.current().info;
  return deterministicId(`step:${workflowExecution?.workflowId}:${workflowExecution?.runId}:${id}`);
}
