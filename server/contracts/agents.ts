import { z } from 'zod';
import { agentStatuses, agentTypes, mostCapacity } from '#workflows/domain/agents/agent.ts';
import {
  byId,
  byProjectQuery,
  contract,
  idParams,
  isoTime,
  listOf,
  maxInteger,
  nameOf,
  pageQuery,
  reasonBody,
  recordId,
  uuid,
} from './contract.ts';
import { runSchema } from './runs.ts';
import { taskSchema } from './tasks.ts';

const status = z.enum(agentStatuses);
const type = z.enum(agentTypes);
const phase = z.string().regex(/^PHASE_[A-Z0-9_]{1,50}$/, 'must be a phase, such as PHASE_IMPLEMENTATION');
const words = (most: number) => z.array(nameOf(100)).max(most);
const capacity = z.number().int().min(1).max(mostCapacity);
/** Capabilities in a query: separated by commas. */
const listed = z.string().max(500).default('').meta({ description: 'Capabilities, separated by commas.' });

const agentRunSchema = z.object({
  run_id: uuid,
  task_id: uuid.nullable(),
  title: z.string(),
  status: z.string(),
  waiting_for: z.string().nullable(),
  alignment: z.number().nullable(),
  branch: z.string(),
  last_work_at: isoTime.nullable(),
});
export const agentSchema = z.object({
  id: uuid,
  name: z.string(),
  agent_type: type,
  project_id: uuid.nullable(),
  phase_id: z.string().nullable(),
  capabilities: z.array(z.string()),
  capacity: z.number().int(),
  /** Tasks that it has now. */
  busy: z.number().int(),
  tags: z.array(z.string()),
  status,
  available: z.boolean(),
  /** A program with its own key, that beats and works by REST. The platform runs the others. */
  elsewhere: z.boolean(),
  /** Heartbeats that are missing now. */
  missed: z.number().int(),
  sequence_number: z.number().int(),
  /** Of an agent that the platform runs: when its newest run worked last. */
  last_heartbeat_at: isoTime.nullable(),
  current_task_id: z.string().nullable(),
  health_metrics: z.record(z.string(), z.unknown()),
  /** Its runs that have not ended. */
  runs: z.array(agentRunSchema),
  /** Why it is not restarted by itself any more; null: it is. */
  escalated_at: isoTime.nullable(),
  /** What was known when it was put into quarantine last: its state, metrics, runs, changes and events. */
  evidence: z.record(z.string(), z.unknown()).nullable(),
  replaces_id: uuid.nullable(),
  replaced_by_id: uuid.nullable(),
  registered_by: z.string(),
  created_at: isoTime,
});
const scoredSchema = agentSchema.extend({
  /** Coverage + 0.2 if idle + 0.2 if healthy + 0.05 * min(capacity, 5). */
  score: z.number(),
  coverage: z.number(),
});
const healthSchema = z.object({
  agent_id: uuid,
  name: z.string(),
  status,
  elsewhere: z.boolean(),
  healthy: z.boolean(),
  /** Silent for three heartbeats. An agent that the platform runs never is: its workflow goes on by itself. */
  stale: z.boolean(),
  /** At work on something that waits for a person or money. */
  stuck: z.boolean(),
  missed: z.number().int(),
  silent_seconds: z.number().nullable(),
  last_heartbeat_at: isoTime.nullable(),
});

export const registerAgent = contract({
  method: 'post',
  path: '/agents/register',
  tag: 'agents',
  summary: 'Register an agent: a place for tasks of a phase that want its capabilities',
  auth: 'agent:write',
  scope: { kind: 'project', from: 'body', field: 'project_id', optional: true },
  status: 201,
  body: z.strictObject({
    agent_type: type,
    /** Unset: tasks of any phase. */
    phase_id: phase.nullish(),
    /** Unset: tasks of any project. */
    project_id: recordId.optional(),
    capabilities: words(50).default([]),
    capacity: capacity.default(1),
    tags: words(20).default([]),
    /** It runs elsewhere and gets a key. */
    elsewhere: z.boolean().default(false),
  }),
  response: agentSchema.extend({
    key: z.string().nullable().meta({ description: 'Of an agent elsewhere. Shown once.' }),
  }),
  shown_once: ['key'],
});
export const listAgents = contract({
  method: 'get',
  path: '/agents',
  tag: 'agents',
  summary: 'Registered agents, newest first',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: pageQuery.extend({
    project_id: recordId.optional(),
    status: status.optional(),
    agent_type: type.optional(),
    phase_id: phase.optional(),
  }),
  response: listOf(agentSchema),
});
const wanted = { capabilities: listed, phase_id: phase.optional(), project_id: recordId.optional() };
export const searchAgents = contract({
  method: 'get',
  path: '/agents/search',
  tag: 'agents',
  summary: 'The agents that have some of the wanted capabilities, the best first',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object({ ...wanted, agent_type: type.optional(), limit: z.coerce.number().int().min(1).max(20).default(5) }),
  response: z.object({ agents: z.array(scoredSchema) }),
});
export const bestAgent = contract({
  method: 'get',
  path: '/agents/best-fit',
  tag: 'agents',
  summary: 'The agent that would take such a task now',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object(wanted),
  response: scoredSchema,
});
export const agentsHealth = contract({
  method: 'get',
  path: '/agents/health',
  tag: 'agents',
  summary: 'The heartbeats of all agents that have not ended',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId.optional() }),
  response: z.object({ stale_after_seconds: z.number(), agents: z.array(healthSchema) }),
});
export const staleAgents = contract({
  method: 'get',
  path: '/agents/stale',
  tag: 'agents',
  summary: 'The agents that have been silent for three heartbeats',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId.optional() }),
  response: z.object({ stale_after_seconds: z.number(), agents: z.array(healthSchema) }),
});
export const agentStatistics = contract({
  method: 'get',
  path: '/agents/statistics',
  tag: 'agents',
  summary: 'Number of agents by status and type, and of their places',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId.optional() }),
  response: z.object({
    total: z.number().int(),
    active: z.number().int(),
    idle: z.number().int(),
    stuck: z.number().int(),
    stale: z.number().int(),
    by_status: z.record(z.string(), z.number().int()),
    by_type: z.record(z.string(), z.number().int()),
    capacity: z.number().int(),
    busy: z.number().int(),
  }),
});
export const cleanUpStale = contract({
  method: 'post',
  path: '/agents/cleanup-stale',
  tag: 'agents',
  summary: 'End the stale agents that have failed and that restarts did not bring back',
  auth: 'agent:write',
  scope: { kind: 'project', from: 'body', field: 'project_id', optional: true },
  body: z.strictObject({ project_id: recordId.optional() }),
  response: z.object({ ended: z.array(uuid) }),
});
export const getAgent = contract({
  method: 'get',
  path: '/agents/{id}',
  tag: 'agents',
  summary: 'A registered agent. The id of a run answers with the run',
  auth: 'agent:read',
  registered: 'task:read',
  scope: byId('agent'),
  params: idParams,
  response: z.union([agentSchema, runSchema]),
});
export const updateAgent = contract({
  method: 'patch',
  path: '/agents/{id}',
  tag: 'agents',
  summary: 'Change the capabilities, capacity or tags of an agent, or its status along the table',
  auth: 'agent:write',
  scope: byId('agent'),
  params: idParams,
  body: z
    .strictObject({
      capabilities: words(50).optional(),
      capacity: capacity.optional(),
      tags: words(20).optional(),
      status: status.optional(),
      reason: z.string().max(2000).optional(),
    })
    .refine((body) => Object.keys(body).length > 0, 'must change something'),
  response: agentSchema,
  failures: [409],
});
export const setAvailability = contract({
  method: 'post',
  path: '/agents/{id}/availability',
  tag: 'agents',
  summary: 'Let an agent take tasks, or take no new ones; what it has goes on',
  auth: 'agent:write',
  registered: 'task:write',
  scope: byId('agent'),
  params: idParams,
  body: z.strictObject({ available: z.boolean() }),
  response: agentSchema,
  failures: [409],
});
export const heartbeat = contract({
  method: 'post',
  path: '/agents/{id}/heartbeat',
  tag: 'agents',
  summary: 'Say that an agent that runs elsewhere lives. The number grows by one with each heartbeat',
  auth: 'agent:write',
  registered: 'task:write',
  scope: byId('agent'),
  params: idParams,
  body: z.strictObject({
    agent_id: recordId.optional(),
    /** By the sender's clock: shown, and nothing is decided by it. */
    timestamp: z.iso.datetime({ offset: true }),
    sequence_number: z.number().int().min(1).max(maxInteger),
    status: z.string().max(50),
    current_task_id: recordId.nullish(),
    health_metrics: z.record(z.string().max(100), z.unknown()),
    checksum: z.string().meta({
      description: 'SHA-256 in hex of the other fields as JSON with sorted keys and without white space (RFC 8785).',
    }),
  }),
  response: z.object({
    sequence_number: z.number().int(),
    received: z.boolean(),
    /** Numbers that never came, the first hundred. */
    missing: z.array(z.number().int()),
    message: z.string(),
  }),
  failures: [400, 409],
});
export const agentHealth = contract({
  method: 'get',
  path: '/agents/{id}/health',
  tag: 'agents',
  summary: 'The heartbeats of one agent',
  auth: 'agent:read',
  registered: 'task:read',
  scope: byId('agent'),
  params: idParams,
  response: healthSchema,
});
export const agentTransitions = contract({
  method: 'get',
  path: '/agents/{id}/transitions',
  tag: 'agents',
  summary: 'Each change of the status of an agent, newest first',
  auth: 'agent:read',
  scope: byId('agent'),
  params: idParams,
  query: pageQuery,
  response: listOf(
    z.object({
      id: uuid,
      from_status: z.string(),
      to_status: z.string(),
      reason: z.string(),
      by: z.string(),
      /** Into quarantine: what was known of it. Out of it: what speaks for it, and the test that it stood. */
      evidence: z.record(z.string(), z.unknown()).nullable(),
      at: isoTime,
    }),
  ),
});
export const restartAgent = contract({
  method: 'post',
  path: '/agents/{id}/restart',
  tag: 'agents',
  summary: 'Put an agent of the same kind in its place; its tasks go on from their last checkpoints',
  auth: 'agent:write',
  scope: byId('agent'),
  status: 202,
  params: idParams,
  body: reasonBody.extend({
    /** A person restarts it although it was restarted a moment ago, or too often. */
    force: z.boolean().default(false),
  }),
  response: agentSchema,
  failures: [409],
});
export const quarantineAgent = contract({
  method: 'post',
  path: '/agents/{id}/quarantine',
  tag: 'agents',
  summary: 'Take an agent out of work, and keep what is known of it; its tasks go back to the queue',
  auth: 'agent:write',
  scope: byId('agent'),
  status: 202,
  params: idParams,
  body: z.strictObject({ reason: z.string().trim().min(1).max(2000) }),
  response: agentSchema,
  failures: [409],
});
export const clearAgent = contract({
  method: 'post',
  path: '/agents/{id}/clear',
  tag: 'agents',
  summary: 'Let an agent out of quarantine with what speaks for it; one elsewhere has sent a heartbeat since',
  auth: 'agent:write',
  scope: byId('agent'),
  params: idParams,
  body: z.strictObject({ evidence: z.string().trim().min(1).max(20_000) }),
  response: agentSchema,
  failures: [409],
});
export const terminateAgent = contract({
  method: 'post',
  path: '/agents/{id}/terminate',
  tag: 'agents',
  summary: 'End an agent for good; its tasks go back to the queue',
  auth: 'agent:write',
  scope: byId('agent'),
  status: 202,
  params: idParams,
  body: reasonBody,
  response: agentSchema,
  failures: [409],
});
export const agentWork = contract({
  method: 'get',
  path: '/agents/{id}/work',
  tag: 'agents',
  summary: 'The tasks that an agent has, and those that it can take now, the most urgent first',
  auth: 'agent:read',
  registered: 'task:read',
  scope: byId('agent'),
  params: idParams,
  query: z.object({ limit: z.coerce.number().int().min(1).max(50).default(10) }),
  response: z.object({
    taken: z.array(taskSchema),
    offered: z.array(taskSchema),
    /** Its runs at work. */
    runs: z.array(
      z.object({
        run_id: uuid,
        task_id: uuid.nullable(),
        /** Counts from 1. A check that fails opens the next one. */
        iteration: z.number().int(),
        /** What is to be done now; after a failed check what is missing. */
        order: z.string(),
        /** The commit that a patch changes. */
        start_sha: z.string(),
        branch: z.string(),
      }),
    ),
  }),
});
export const acceptWork = contract({
  method: 'post',
  path: '/agents/{id}/work/{task_id}/accept',
  tag: 'agents',
  summary: 'Take a task for an agent. It begins when its project has a slot',
  auth: 'agent:write',
  registered: 'task:write',
  scope: byId('agent'),
  params: idParams.extend({ task_id: recordId }),
  response: taskSchema,
  failures: [409],
});
export const reportAgentEvent = contract({
  method: 'post',
  path: '/agent-events',
  tag: 'agents',
  summary: 'Report something of an agent that runs elsewhere. A report is shown, and changes no state',
  auth: 'agent:write',
  registered: 'task:write',
  scope: { kind: 'agent', from: 'body', field: 'agent_id' },
  status: 202,
  body: z.strictObject({
    agent_id: recordId,
    event_type: nameOf(100),
    event_data: z
      .record(z.string().max(200), z.unknown())
      .default({})
      .refine((data) => JSON.stringify(data).length <= 16_000, 'must have at most 16,000 characters as JSON'),
  }),
  response: z.object({ status: z.literal('stored') }),
  failures: [429],
});
export const handInPatch = contract({
  method: 'put',
  path: '/runs/{id}/patch',
  tag: 'agents',
  summary: 'Hand in the work of an agent elsewhere, before it completes the task: all changes against start_sha',
  auth: 'agent:write',
  registered: 'task:write',
  scope: byId('run'),
  params: idParams,
  body_mb: 4,
  body: z.strictObject({
    /** As `git diff --binary` writes it. A later one takes the place of an earlier one. */
    patch: z.string().min(1).max(3_000_000),
  }),
  response: z.object({ status: z.literal('stored') }),
  failures: [409, 413],
});
