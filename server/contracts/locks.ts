import { z } from 'zod';
import { byProjectQuery, contract, isoTime, listOf, pageQuery, recordId, uuid, type ScopeOf } from './contract.ts';

const byTask: ScopeOf = { kind: 'task', from: 'body', field: 'task_id' };
const name = z.string().trim().min(1).max(200);
const resource = { task_id: recordId, resource_type: name, resource_id: name };

export const lockSchema = z.object({
  id: uuid,
  project_id: uuid,
  task_id: uuid,
  resource_type: z.string(),
  resource_id: z.string(),
  mode: z.enum(['exclusive', 'shared']),
  /** Grows with each lock of the project. A thing that remembers the highest one refuses whoever is late. */
  fence: z.number().int(),
  locked_by: z.string(),
  expires_at: isoTime,
  created_at: isoTime,
});
export const acquireLock = contract({
  method: 'post',
  path: '/locks',
  tag: 'locks',
  summary: 'Lock a named thing, such as an environment, for a task; the lock ends with its time or its task',
  auth: 'task:write',
  agent: 'task:write',
  scope: byTask,
  status: 201,
  body: z.strictObject({
    ...resource,
    mode: z.enum(['exclusive', 'shared']).default('exclusive'),
    seconds: z.number().int().min(1).max(86_400).default(600),
  }),
  response: lockSchema,
  failures: [409],
});
export const releaseLock = contract({
  method: 'post',
  path: '/locks/release',
  tag: 'locks',
  summary: "End a task's lock of a thing",
  auth: 'task:write',
  agent: 'task:write',
  scope: byTask,
  status: 204,
  body: z.strictObject(resource),
});
export const listLocks = contract({
  method: 'get',
  path: '/locks',
  tag: 'locks',
  summary: 'Locks that hold now, newest first',
  auth: 'task:read',
  scope: byProjectQuery,
  query: pageQuery.extend({ project_id: recordId.optional() }),
  response: listOf(lockSchema),
});
