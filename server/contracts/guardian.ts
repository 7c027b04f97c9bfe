import { z } from 'zod';
import { actionKinds, actionStatuses } from '#workflows/domain/watch/actions.ts';
import { byFilters, byId, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

const state = z.object({
  status: z.string().optional(),
  priority: z.string().optional(),
  /** Number of places by the id of the agent. */
  capacities: z.record(z.string(), z.number().int()).optional(),
  /** The task that goes on in place of the one that was cancelled. */
  replaced_by: uuid.optional(),
});
const actionSchema = z.object({
  id: uuid,
  /** Null: of agents that serve all projects. */
  project_id: uuid.nullable(),
  kind: z.enum(actionKinds),
  task_id: uuid.nullable(),
  reason: z.string(),
  by: z.string(),
  /** 4 for those who look after agents, 5 for an operator of the installation. */
  authority: z.number().int(),
  /**
   * failed: it changed nothing. started: it is under way, or its call never ended. Then the same request, with the same
   * Idempotency-Key, brings it to its end, and a minute after its beginning it can be reverted.
   */
  status: z.enum(actionStatuses),
  before: state,
  /** What is, or while it is started, is to be. Null for a failed one. */
  after: state.nullable(),
  /** Why it failed. */
  error: z.string().nullable(),
  created_at: isoTime,
  reverted_at: isoTime.nullable(),
  reverted_by: z.string().nullable(),
});
const reason = z.string().trim().min(1).max(2000);
const onTask = { kind: 'task', from: 'body', field: 'task_id' } as const;

export const guardianCancel = contract({
  method: 'post',
  path: '/guardian/intervention/cancel-task',
  tag: 'guardian',
  summary: 'Cancel a task. Reverting that lets a new task go on in its place, from its last checkpoint',
  auth: 'agent:write',
  scope: onTask,
  status: 202,
  body: z.strictObject({ task_id: recordId, reason }),
  response: actionSchema,
  failures: [409],
});
export const guardianReallocate = contract({
  method: 'post',
  path: '/guardian/intervention/reallocate',
  tag: 'guardian',
  summary: 'Move places for tasks from one registered agent to another. What they have goes on',
  auth: 'agent:write',
  scope: { kind: 'agent', from: 'body', field: 'from_agent_id' },
  body: z.strictObject({
    from_agent_id: recordId,
    to_agent_id: recordId,
    capacity: z.number().int().meta({ description: 'Number of places. Each agent has 1 to 10 afterwards; else 400.' }),
    reason,
  }),
  response: actionSchema,
  failures: [400, 409],
});
export const guardianPriority = contract({
  method: 'post',
  path: '/guardian/intervention/override-priority',
  tag: 'guardian',
  summary: 'Give a task another priority, also where it waits for its slot',
  auth: 'agent:write',
  scope: onTask,
  body: z.strictObject({
    task_id: recordId,
    priority: z.string().max(20).meta({ description: 'CRITICAL, HIGH, MEDIUM or LOW; else 400.' }),
    reason,
  }),
  response: actionSchema,
  failures: [400, 409],
});
export const listGuardianActions = contract({
  method: 'get',
  path: '/guardian/actions',
  tag: 'guardian',
  summary: 'What was done to work at large, with what was before and after it, newest first',
  auth: 'agent:read',
  scope: byFilters('project', 'task'),
  query: pageQuery.extend({
    project_id: recordId.optional(),
    task_id: recordId.optional(),
    kind: z.enum(actionKinds).optional(),
  }),
  response: listOf(actionSchema),
});
export const getGuardianAction = contract({
  method: 'get',
  path: '/guardian/actions/{id}',
  tag: 'guardian',
  summary: 'One action on work at large',
  auth: 'agent:read',
  scope: byId('guardian_action'),
  params: idParams,
  response: actionSchema,
});
export const revertGuardianAction = contract({
  method: 'post',
  path: '/guardian/actions/{id}/revert',
  tag: 'guardian',
  summary:
    'Take an action back, also one whose call never ended. 404 for one that was taken back before or failed, 409 where its task or agent changed since',
  auth: 'agent:write',
  starts_work: 'agents',
  scope: byId('guardian_action'),
  params: idParams,
  response: actionSchema,
  failures: [409],
});
