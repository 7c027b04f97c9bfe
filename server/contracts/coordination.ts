import { z } from 'zod';
import { strategies } from '#workflows/domain/merge/synthesis.ts';
import { contract, criteria, isoTime, maxInteger, recordId, uuid, type ScopeOf } from './contract.ts';
import { taskSchema } from './tasks.ts';

const inTicket: ScopeOf = { kind: 'ticket', from: 'body', field: 'ticket_id' };
/** A task as its caller describes it: ticket, phase and priority come from the work that it belongs to. */
const part = z.strictObject({
  title: z.string().trim().min(1).max(500),
  description: z.string().min(1).max(50_000),
  task_type: z.string().min(1).max(100).default('implementation'),
  owned_files: z.array(z.string().max(500)).max(200).default([]),
  criteria: criteria.default([]),
});
const sources = (least: number) => z.array(recordId).min(least).max(50);
const strategy = z.enum(strategies).default('combine').meta({
  description:
    'How the results of the tasks are given to the one that continues them. combine: the first value per key, and each result under _source_results; union: the last value per key; intersection: keys that all have, with the last value.',
});

export const splitTask = contract({
  method: 'post',
  path: '/coordination/split',
  tag: 'coordination',
  summary: 'Add tasks that start once a task is done, with its ticket, phase and priority',
  auth: 'task:write',
  starts_work: 'agents',
  scope: { kind: 'task', from: 'body', field: 'source_task_id' },
  status: 201,
  body: z.strictObject({ source_task_id: recordId, tasks: z.array(part).min(1).max(50) }),
  response: z.object({ source_task_id: uuid, tasks: z.array(taskSchema) }),
});
export const joinTasks = contract({
  method: 'post',
  path: '/coordination/join',
  tag: 'coordination',
  summary: 'Add a task that continues several once all of them are done, with their code and results',
  auth: 'task:write',
  starts_work: 'agents',
  scope: inTicket,
  status: 201,
  body: z.strictObject({
    ticket_id: recordId,
    source_task_ids: sources(2),
    continuation: part,
    merge_strategy: strategy,
  }),
  response: z.object({ join_id: uuid, source_task_ids: z.array(uuid), merge_strategy: z.string(), task: taskSchema }),
});

const syncPoint = z.object({
  /** The id of the task that waits at it. */
  sync_id: uuid,
  task_ids: z.array(uuid),
  required_count: z.number().int(),
  /** Until then the tasks should be done. A person is asked after it, and the task still starts when they are. */
  deadline_at: isoTime.nullable(),
});
export const createSync = contract({
  method: 'post',
  path: '/coordination/sync',
  tag: 'coordination',
  summary: 'Add a task that starts once so many of several tasks are done',
  auth: 'task:write',
  starts_work: 'agents',
  scope: inTicket,
  status: 201,
  body: z.strictObject({
    ticket_id: recordId,
    task_ids: sources(1),
    required_count: z.number().int().min(1).max(50).optional().meta({ description: 'Default: all of them.' }),
    timeout_seconds: z.number().int().positive().max(maxInteger).optional(),
    continuation: part,
    merge_strategy: strategy,
  }),
  response: syncPoint.extend({ task: taskSchema }),
});
export const getSync = contract({
  method: 'get',
  path: '/coordination/sync/{id}',
  tag: 'coordination',
  summary: 'What a sync point waits for',
  auth: 'task:read',
  scope: { kind: 'task', from: 'params', field: 'id' },
  params: z.object({ id: recordId }),
  response: syncPoint.extend({
    state: z.enum(['waiting', 'overdue', 'ready']),
    completed_task_ids: z.array(uuid),
  }),
});

const patternName = z.enum(['parallel_implementation', 'review_feedback_loop', 'majority_vote']);
export const applyPattern = contract({
  method: 'post',
  path: '/coordination/patterns/{name}',
  tag: 'coordination',
  summary:
    'Add the tasks of a pattern to a ticket: parallel_implementation (parts, and one that brings them together), review_feedback_loop (work, a review, and what the review asks for), majority_vote (three that answer a question alone, and one that follows two that agree)',
  auth: 'task:write',
  starts_work: 'agents',
  scope: inTicket,
  status: 201,
  params: z.object({ name: z.string().max(100) }),
  body: z.strictObject({
    ticket_id: recordId,
    title: z.string().trim().min(1).max(400),
    description: z.string().min(1).max(40_000),
    parts: z.array(part).min(2).max(20).optional().meta({ description: 'Of parallel_implementation: the parts.' }),
  }),
  response: z.object({ pattern: patternName, tasks: z.array(taskSchema) }),
});
