import { z } from 'zod';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { accepted, contract, idParams, isoTime, listOf, pageQuery, uuid } from './contract.ts';

export const ticketView = z.object({
  id: uuid,
  project_id: uuid,
  spec_id: z.string().nullable(),
  number: z.number().int(),
  key: z.string(),
  local_id: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  status: z.string(),
  phase_id: z.string(),
  priority: z.string(),
  workflow_mode: z.string(),
  is_blocked: z.boolean(),
  blocked_reason: z.string().nullable(),
  needs_review: z.boolean(),
  last_error: z.string().nullable(),
  blocked_by: z.array(z.string()),
  branch: z.string().nullable(),
  created_at: isoTime,
  updated_at: isoTime,
});
const ofProject = { kind: 'project', from: 'query', field: 'project_id', optional: true } as const;
const workQuery = pageQuery.extend({
  project_id: z.string().optional(),
  spec_id: z.string().optional(),
  ticket_id: z.string().optional(),
  status: z.string().max(200).optional().meta({ description: 'One, or several separated by commas.' }),
});

export const listTickets = contract({
  method: 'get',
  path: '/tickets',
  tag: 'tickets',
  summary: 'Tickets, newest first',
  auth: 'ticket:read',
  scope: ofProject,
  query: workQuery.extend({
    phase_id: z.string().optional(),
    priority: z.string().optional(),
    search: z.string().max(200).optional(),
  }),
  response: listOf(ticketView),
});
export const createTicket = contract({
  method: 'post',
  path: '/tickets',
  tag: 'tickets',
  summary: 'Make a ticket; in quick mode it is worked on at once',
  auth: 'ticket:write',
  status: 201,
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({
    project_id: z.string(),
    title: z.string().trim().min(1).max(500),
    description: z.string().min(1).max(50_000),
    workflow_mode: z.enum(['quick', 'spec_driven']).default('quick'),
    priority: z.enum(priorities).default('MEDIUM'),
    phase_id: z.string().optional(),
    criteria: z
      .array(
        z.strictObject({
          id: z.string().min(1).max(100),
          text: z.string().min(1).max(2000),
          check: z.string().max(2000).optional(),
        }),
      )
      .max(50)
      .optional(),
    check_duplicates: z.boolean().optional(),
    similarity_threshold: z.number().min(0).max(1).optional(),
    force_create: z.boolean().default(false),
    budget_usd: z.number().positive().optional(),
  }),
  response: z.union([
    ticketView.extend({ task_id: z.string().nullable() }),
    z.object({
      is_duplicate: z.literal(true),
      message: z.string(),
      candidates: z.array(
        z.object({
          ticket_id: z.string(),
          title: z.string(),
          description: z.string(),
          status: z.string(),
          similarity_score: z.number(),
        }),
      ),
      highest_similarity: z.number(),
    }),
  ]),
});
const ownTicket = { kind: 'ticket', from: 'params', field: 'id' } as const;
export const getTicket = contract({
  method: 'get',
  path: '/tickets/{id}',
  tag: 'tickets',
  summary: 'One ticket',
  auth: 'ticket:read',
  scope: ownTicket,
  params: idParams,
  response: ticketView,
});
export const cancelTicket = contract({
  method: 'post',
  path: '/tickets/{id}/cancel',
  tag: 'tickets',
  summary: 'Stop the work on a ticket',
  auth: 'ticket:write',
  scope: ownTicket,
  params: idParams,
  status: 202,
  body: z.object({ reason: z.string().max(2000).optional() }),
  response: accepted,
});
export const retryTicket = contract({
  method: 'post',
  path: '/tickets/{id}/retry',
  tag: 'tickets',
  summary: 'Try again what failed of it: tasks, a join of branches, its pull request',
  auth: 'ticket:write',
  scope: ownTicket,
  params: idParams,
  status: 202,
  response: accepted,
});
const discoveryView = z.object({
  id: uuid,
  ticket_id: uuid,
  source_task_id: uuid,
  source_run_id: z.string().nullable(),
  discovery_type: z.string(),
  title: z.string(),
  description: z.string(),
  priority: z.string().nullable(),
  priority_boost: z.boolean(),
  spawn_phase_id: z.string().nullable(),
  blocking: z.boolean(),
  spawned_task_ids: z.array(z.string()),
  depth: z.number().int(),
  resolution_status: z.string(),
  duplicate_of: z.string().nullable(),
  capped_reason: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  discovered_at: isoTime,
  resolved_at: isoTime.nullable(),
});
export const ticketDiscoveries = contract({
  method: 'get',
  path: '/tickets/{id}/discoveries',
  tag: 'discoveries',
  summary: 'What agents found while working on a ticket',
  auth: 'ticket:read',
  scope: ownTicket,
  params: idParams,
  response: listOf(discoveryView),
});
export const ticketMerges = contract({
  method: 'get',
  path: '/tickets/{id}/merges',
  tag: 'tickets',
  summary: 'How its branches were joined',
  auth: 'ticket:read',
  scope: ownTicket,
  params: idParams,
  response: listOf(z.looseObject({ id: z.string(), status: z.string() })),
});

export const taskView = z.object({
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
  score: z.number().nullable(),
  depends_on: z.array(z.string()),
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
const ownTask = { kind: 'task', from: 'params', field: 'id' } as const;
export const listTasks = contract({
  method: 'get',
  path: '/tasks',
  tag: 'tasks',
  summary: 'Tasks, newest first',
  auth: 'task:read',
  scope: ofProject,
  query: workQuery.extend({
    phase_id: z.string().optional(),
    has_sandbox: z.enum(['true', 'false']).optional(),
    search: z.string().max(200).optional(),
  }),
  response: listOf(taskView),
});
export const createTask = contract({
  method: 'post',
  path: '/tasks',
  tag: 'tasks',
  summary: 'Add a task to a ticket',
  auth: 'task:write',
  status: 201,
  scope: { kind: 'ticket', from: 'body', field: 'ticket_id' },
  response: taskView,
  body: z.strictObject({
    ticket_id: z.string(),
    task_type: z.string().min(1).max(100).default('implementation'),
    title: z.string().trim().min(1).max(500),
    description: z.string().min(1).max(50_000),
    priority: z.enum(priorities).default('MEDIUM'),
    phase_id: z.string().default('PHASE_IMPLEMENTATION'),
    depends_on: z.array(z.string()).max(200).default([]),
    owned_files: z.array(z.string().max(500)).max(200).default([]),
    criteria: z
      .array(z.strictObject({ id: z.string(), text: z.string(), check: z.string().optional() }))
      .max(50)
      .default([]),
    required_capabilities: z.array(z.string()).max(20).default([]),
    max_retries: z.number().int().min(0).max(20).optional(),
    timeout_seconds: z.number().int().positive().optional(),
    deadline_at: z.iso.datetime().optional(),
    validation_enabled: z.boolean().optional(),
    execution_config: z.record(z.string(), z.unknown()).optional(),
  }),
});
export const getTask = contract({
  method: 'get',
  path: '/tasks/{id}',
  tag: 'tasks',
  summary: 'One task',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  response: taskView,
});
export const updateTask = contract({
  method: 'patch',
  path: '/tasks/{id}',
  tag: 'tasks',
  summary: 'Change a task; a status only along its table',
  auth: 'task:write',
  scope: ownTask,
  params: idParams,
  body: z
    .strictObject({
      title: z.string().trim().min(1).max(500),
      description: z.string().min(1).max(50_000),
      priority: z.enum(priorities),
      status: z.string().max(50),
    })
    .partial(),
  response: taskView,
});
export const taskContext = contract({
  method: 'get',
  path: '/tasks/{id}/context',
  tag: 'tasks',
  summary: 'All that its worker is told',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  response: z.object({ context: z.unknown(), markdown: z.string() }),
});
const reasonBody = z.object({ reason: z.string().max(2000).optional() });
export const cancelTask = contract({
  method: 'post',
  path: '/tasks/{id}/cancel',
  tag: 'tasks',
  summary: 'Cancel a task, running or not',
  auth: 'task:write',
  scope: ownTask,
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
  scope: ownTask,
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const retryTask = contract({
  method: 'post',
  path: '/tasks/{id}/retry',
  tag: 'tasks',
  summary: 'Try a failed task anew',
  auth: 'task:write',
  scope: ownTask,
  params: idParams,
  status: 202,
  response: accepted,
});
const dependencies = z.object({ task_id: z.string(), depends_on: z.array(z.string()) });
export const getDependencies = contract({
  method: 'get',
  path: '/tasks/{id}/dependencies',
  tag: 'tasks',
  summary: 'What a task waits for',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  response: dependencies,
});
const dependsOn = z.strictObject({ depends_on: z.array(z.string()).max(200) });
export const setDependencies = contract({
  method: 'put',
  path: '/tasks/{id}/dependencies',
  tag: 'tasks',
  summary: 'Set what a task waits for',
  auth: 'task:write',
  scope: ownTask,
  params: idParams,
  body: dependsOn,
  response: dependencies,
});
export const addDependencies = contract({
  method: 'post',
  path: '/tasks/{id}/dependencies',
  tag: 'tasks',
  summary: 'Add to what a task waits for',
  auth: 'task:write',
  scope: ownTask,
  params: idParams,
  body: dependsOn,
  response: dependencies,
});
export const removeDependency = contract({
  method: 'delete',
  path: '/tasks/{id}/dependencies/{dependency}',
  tag: 'tasks',
  summary: 'Wait for one task less',
  auth: 'task:write',
  scope: ownTask,
  params: idParams.extend({ dependency: z.string() }),
  response: dependencies,
});
export const checkCircular = contract({
  method: 'post',
  path: '/tasks/{id}/check-circular',
  tag: 'tasks',
  summary: 'Would these dependencies go round in a circle?',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  body: dependsOn,
  response: z.object({ has_cycle: z.boolean(), message: z.string().nullable(), cycle: z.array(z.string()) }),
});
export const taskReviews = contract({
  method: 'get',
  path: '/tasks/{id}/reviews',
  tag: 'tasks',
  summary: 'Reviews of a task',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  response: listOf(
    z.object({
      iteration: z.number().int(),
      run_id: z.string(),
      passed: z.boolean(),
      feedback: z.string(),
      evidence: z.array(z.unknown()),
      recommendations: z.array(z.unknown()),
      created_at: isoTime,
    }),
  ),
});
export const reportDiscovery = contract({
  method: 'post',
  path: '/tasks/{id}/discoveries',
  tag: 'discoveries',
  summary: 'Report a finding by hand',
  auth: 'task:write',
  scope: ownTask,
  params: idParams,
  status: 201,
  body: z.strictObject({
    type: z.string(),
    title: z.string().max(200).optional(),
    description: z.string().min(10).max(10_000),
    priority: z.enum(priorities).optional(),
    priority_boost: z.boolean().optional(),
    phase: z.string().optional(),
    blocking: z.boolean().default(false),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
  response: z.object({ discovery: discoveryView, task_id: z.string().nullable(), duplicate_of: z.string().nullable() }),
});
export const taskDiscoveries = contract({
  method: 'get',
  path: '/tasks/{id}/discoveries',
  tag: 'discoveries',
  summary: 'What a task found',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  response: listOf(discoveryView),
});
export const resolveDiscovery = contract({
  method: 'post',
  path: '/discoveries/{id}/resolve',
  tag: 'discoveries',
  summary: 'Close a finding',
  auth: 'task:write',
  scope: { kind: 'discovery', from: 'params', field: 'id' },
  params: idParams,
  body: z.strictObject({ status: z.enum(['resolved', 'invalid']).default('resolved') }),
  response: discoveryView,
});

const node = z.object({
  id: z.string(),
  kind: z.string(),
  label: z.string(),
  title: z.string(),
  status: z.string(),
  phase_id: z.string().nullable(),
  priority: z.string().nullable(),
});
const edge = z.object({ from: z.string(), to: z.string(), kind: z.string() });
const graphView = z.object({ nodes: z.array(node), edges: z.array(edge), critical_path: z.array(z.string()) });
export const projectGraph = contract({
  method: 'get',
  path: '/projects/{id}/graph',
  tag: 'graph',
  summary: 'Tickets, tasks and discoveries, and who waits for whom',
  auth: 'task:read',
  scope: { kind: 'project', from: 'params', field: 'id' },
  params: idParams,
  response: graphView,
});
export const dependencyGraphOfProject = contract({
  ...projectGraph,
  path: '/graph/dependency-graph/project/{id}',
  summary: 'The same, under its older name',
});
export const dependencyGraphOfTicket = contract({
  method: 'get',
  path: '/graph/dependency-graph/ticket/{id}',
  tag: 'graph',
  summary: 'The graph of one ticket',
  auth: 'task:read',
  scope: ownTicket,
  params: idParams,
  response: graphView,
});
export const ticketWorkflowGraph = contract({
  method: 'get',
  path: '/tickets/{id}/workflow-graph',
  tag: 'graph',
  summary: 'How discoveries branched a ticket',
  auth: 'ticket:read',
  scope: ownTicket,
  params: idParams,
  response: z.object({
    nodes: z.array(z.object({ id: z.string(), phase: z.string(), description: z.string(), status: z.string() })),
    edges: z.array(z.object({ from: z.string(), to: z.string(), discovery_type: z.string(), description: z.string() })),
  }),
});
export const blockedTasks = contract({
  method: 'get',
  path: '/graph/dependency-graph/task/{id}/blocked',
  tag: 'graph',
  summary: 'Tasks that wait for this one',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  response: z.object({ task_id: z.string(), blocked: z.array(z.string()) }),
});
export const blockingTasks = contract({
  method: 'get',
  path: '/graph/dependency-graph/task/{id}/blocking',
  tag: 'graph',
  summary: 'Tasks this one waits for',
  auth: 'task:read',
  scope: ownTask,
  params: idParams,
  response: z.object({ task_id: z.string(), blocking: z.array(z.string()) }),
});
