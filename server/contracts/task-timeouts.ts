import { z } from 'zod';
import {
  accepted,
  byId,
  byProjectQuery,
  contract,
  idParams,
  listOf,
  maxInteger,
  pageQuery,
  recordId,
} from './contract.ts';
import { taskSchema } from './tasks.ts';

const query = pageQuery.extend({ project_id: recordId.optional() });
const timeSchema = z.object({
  task_id: z.string(),
  /** Seconds; null: the limit of the project's runs alone. */
  timeout_seconds: z.number().nullable(),
  /** The limit that counts for its newest run; null: it has none yet. */
  limit_seconds: z.number().nullable(),
  /** Time in which the newest run worked; what it waits does not count. */
  elapsed_seconds: z.number(),
  time_remaining: z.number().nullable(),
  is_timed_out: z.boolean(),
  can_cancel: z.boolean(),
});

export const setTimeoutOfTask = contract({
  method: 'post',
  path: '/tasks/{id}/set-timeout',
  tag: 'tasks',
  summary: 'Limit the time of a task: a shorter limit counts for its running attempt too, a longer one from the next',
  auth: 'task:write',
  scope: byId('task'),
  params: idParams,
  body: z.strictObject({ timeout_seconds: z.number().int().positive().max(maxInteger) }),
  response: timeSchema,
  failures: [400, 409],
});
export const timeoutStatus = contract({
  method: 'get',
  path: '/tasks/{id}/timeout-status',
  tag: 'tasks',
  summary: 'The time that a task has used and has left',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  response: timeSchema,
});
export const timedOutTasks = contract({
  method: 'get',
  path: '/tasks/timed-out',
  tag: 'tasks',
  summary: 'Failed tasks that ran out of time, newest first',
  auth: 'task:read',
  scope: byProjectQuery,
  query,
  response: listOf(taskSchema),
});
export const cancellableTasks = contract({
  method: 'get',
  path: '/tasks/cancellable',
  tag: 'tasks',
  summary: 'Tasks that can be cancelled, newest first',
  auth: 'task:read',
  scope: byProjectQuery,
  query,
  response: listOf(taskSchema),
});

export const bumpTask = contract({
  method: 'post',
  path: '/tasks/{id}/bump',
  tag: 'tasks',
  summary: 'Start a waiting task at once, at most one over the limit of its project; a second one gets 409',
  auth: 'task:write',
  scope: byId('task'),
  params: idParams,
  status: 202,
  response: accepted,
  failures: [409],
});
