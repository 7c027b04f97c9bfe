import { z } from 'zod';
import { retryingSchema } from '#workflows/domain/retrying.ts';
import { criterionVerdictSchema } from '#workflows/domain/requirements/verdict.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { explorationTypes, validationTypes } from '#workflows/domain/tasks/analysis.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { phaseId } from './board-phases.ts';
import {
  accepted,
  anyOfValues,
  byId,
  byFilters,
  contract,
  criteria,
  idParams,
  isoTime,
  listOf,
  pageQuery,
  reasonBody,
  uuid,
  recordId,
  maxInteger,
} from './contract.ts';
import { workQuery } from './tickets.ts';

export const taskSchema = z.object({
  id: uuid,
  project_id: uuid,
  ticket_id: uuid,
  spec_id: z.string().nullable(),
  number: z.number().int(),
  key: z.string(),
  local_id: z.string().nullable(),
  task_type: z.string(),
  title: z.string(),
  description: z.string(),
  phase_id: z.string(),
  role: z.string(),
  priority: z.string(),
  status: z.string(),
  /** Why a task that could start gets no slot: budget, person, or task (another one owns its files and is at work). */
  waiting_for: z.string().nullable(),
  waiting_reason: z.string().nullable(),
  score: z.number().nullable(),
  depends_on: z.array(z.string()),
  /** So many of them are enough; null: all. */
  required_count: z.number().int().nullable(),
  /** Until then it should have started. */
  sync_deadline_at: isoTime.nullable(),
  /** How their results are merged: combine, union, intersection. */
  merge_strategy: z.string().nullable(),
  owned_files: z.array(z.string()),
  criteria: z.array(z.unknown()),
  requirements: z.array(z.string()),
  required_capabilities: z.array(z.string()),
  attempt: z.number().int(),
  retry_count: z.number().int(),
  max_retries: z.number().int(),
  parent_task_id: z.string().nullable(),
  discovery_id: z.string().nullable(),
  run_id: z.string().nullable(),
  sandbox_id: z.string().nullable(),
  branch: z.string().nullable(),
  base_sha: z.string().nullable(),
  head_sha: z.string().nullable(),
  analysis: z.unknown(),
  execution_config: z.unknown(),
  synthesis_context: z.unknown(),
  validation_enabled: z.boolean(),
  validation_iteration: z.number().int(),
  last_validation_feedback: z.string().nullable(),
  result: z.unknown(),
  error_message: z.string().nullable(),
  timeout_seconds: z.number().nullable(),
  deadline_at: isoTime.nullable(),
  estimated_hours: z.number().nullable(),
  created_at: isoTime,
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
});
export const listTasks = contract({
  method: 'get',
  path: '/tasks',
  tag: 'tasks',
  summary: 'Tasks, newest first',
  auth: 'task:read',
  scope: byFilters('project', 'spec', 'ticket'),
  query: workQuery.extend({
    status: anyOfValues(statusesOf('task')).optional(),
    phase_id: phaseId.optional(),
    has_sandbox: z.enum(['true', 'false']).optional(),
    search: z.string().max(200).optional(),
  }),
  response: listOf(taskSchema),
});
export const createTask = contract({
  method: 'post',
  path: '/tasks',
  tag: 'tasks',
  summary: 'Add a task to a ticket',
  auth: 'task:write',
  agents_of_project: 'task:write',
  starts_work: 'agents',
  status: 201,
  scope: { kind: 'ticket', from: 'body', field: 'ticket_id' },
  response: taskSchema,
  body: z.strictObject({
    ticket_id: z.string(),
    task_type: z
      .string()
      .min(1)
      .max(100)
      .default('implementation')
      .meta({
        description:
          'Any text, which a model reads to decide how the task runs. Where no model answers, these types only read: ' +
          `${[...explorationTypes].join(', ')}. These only test: ${[...validationTypes].join(', ')}. Every other type changes code.`,
      }),
    title: z.string().trim().min(1).max(500),
    description: z.string().min(1).max(50_000),
    priority: z.enum(priorities).default('MEDIUM'),
    phase_id: z.string().default('PHASE_IMPLEMENTATION'),
    depends_on: z.array(recordId).max(200).default([]),
    owned_files: z.array(z.string().max(500)).max(200).default([]),
    criteria: criteria.default([]),
    required_capabilities: z.array(z.string()).max(20).default([]),
    max_retries: z.number().int().min(0).max(20).optional(),
    timeout_seconds: z.number().int().positive().max(maxInteger).optional(),
    deadline_at: z.iso.datetime().optional(),
    validation_enabled: z.boolean().optional(),
    execution_config: z.record(z.string(), z.unknown()).optional(),
  }),
});
export const getTask = contract({
  method: 'get',
  path: '/tasks/{id}',
  tag: 'tasks',
  summary: 'Get a task',
  auth: 'task:read',
  agents_of_project: 'task:read',
  scope: byId('task'),
  params: idParams,
  response: taskSchema.extend({ retrying: retryingSchema.nullable() }),
});
export const updateTask = contract({
  method: 'patch',
  path: '/tasks/{id}',
  tag: 'tasks',
  summary: 'Update a task; the status only changes along its transitions',
  auth: 'task:write',
  agents_of_project: 'task:write',
  scope: byId('task'),
  params: idParams,
  body: z
    .strictObject({
      title: z.string().trim().min(1).max(500),
      description: z.string().min(1).max(50_000),
      priority: z.enum(priorities),
      status: z.string().max(50),
    })
    .partial(),
  response: taskSchema,
});
export const generateTitle = contract({
  method: 'post',
  path: '/tasks/{id}/generate-title',
  tag: 'tasks',
  summary: 'Ask a model for another title; the event task.renamed brings it, task.title_kept says why there is none',
  auth: 'task:write',
  starts_work: 'agents',
  scope: byId('task'),
  params: idParams,
  status: 202,
  response: accepted,
});
export const generateTitles = contract({
  method: 'post',
  path: '/tasks/generate-titles',
  tag: 'tasks',
  summary: 'Ask a model for another title of each of these tasks of a project, as for one of them',
  auth: 'task:write',
  starts_work: 'agents',
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({ project_id: recordId, task_ids: z.array(recordId).min(1).max(50) }),
  status: 202,
  response: z.object({
    /** Ids of the tasks for which a model is asked. */
    begun: z.array(uuid),
    skipped: z.array(z.object({ task_id: uuid, reason: z.string() })),
  }),
});
export const taskContext = contract({
  method: 'get',
  path: '/tasks/{id}/context',
  tag: 'tasks',
  summary: 'The context that the agent of a task receives',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  response: z.object({ context: z.unknown(), markdown: z.string() }),
});
export const cancelTask = contract({
  method: 'post',
  path: '/tasks/{id}/cancel',
  tag: 'tasks',
  summary: 'Cancel a task, running or not',
  auth: 'task:write',
  agents_of_project: 'task:write',
  scope: byId('task'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const failTask = contract({
  method: 'post',
  path: '/tasks/{id}/fail',
  tag: 'tasks',
  summary: 'Mark a task as failed and stop its run',
  auth: 'task:write',
  agents_of_project: 'task:write',
  scope: byId('task'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const retryTask = contract({
  method: 'post',
  path: '/tasks/{id}/retry',
  tag: 'tasks',
  summary: 'Retry a failed task',
  auth: 'task:write',
  agents_of_project: 'task:write',
  starts_work: 'agents',
  scope: byId('task'),
  params: idParams,
  status: 202,
  response: accepted,
});

const dependencies = z.object({ task_id: z.string(), depends_on: z.array(z.string()) });
const dependsOn = z.strictObject({ depends_on: z.array(recordId).max(200) });
export const getDependencies = contract({
  method: 'get',
  path: '/tasks/{id}/dependencies',
  tag: 'tasks',
  summary: 'List the dependencies of a task',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  response: dependencies,
});
export const setDependencies = contract({
  method: 'put',
  path: '/tasks/{id}/dependencies',
  tag: 'tasks',
  summary: 'Replace the dependencies of a task',
  auth: 'task:write',
  scope: byId('task'),
  params: idParams,
  body: dependsOn,
  response: dependencies,
});
export const addDependencies = contract({
  method: 'post',
  path: '/tasks/{id}/dependencies',
  tag: 'tasks',
  summary: 'Add dependencies to a task',
  auth: 'task:write',
  scope: byId('task'),
  params: idParams,
  body: dependsOn,
  response: dependencies,
});
export const removeDependency = contract({
  method: 'delete',
  path: '/tasks/{id}/dependencies/{dependency}',
  tag: 'tasks',
  summary: 'Remove a dependency from a task',
  auth: 'task:write',
  scope: byId('task'),
  params: idParams.extend({ dependency: recordId }),
  response: dependencies,
});
export const checkCircular = contract({
  method: 'post',
  path: '/tasks/{id}/check-circular',
  tag: 'tasks',
  summary: 'Check whether dependencies would form a cycle',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  body: dependsOn,
  response: z.object({ has_cycle: z.boolean(), message: z.string().nullable(), cycle: z.array(z.string()) }),
});
export const taskReviews = contract({
  method: 'get',
  path: '/tasks/{id}/reviews',
  tag: 'tasks',
  summary: 'List the reviews of a task',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  query: pageQuery,
  response: listOf(
    z.object({
      iteration: z.number().int(),
      run_id: z.string(),
      passed: z.boolean(),
      feedback: z.string(),
      evidence: z.array(z.unknown()),
      recommendations: z.array(z.unknown()),
      criteria: z.array(criterionVerdictSchema),
      created_at: isoTime,
    }),
  ),
});
