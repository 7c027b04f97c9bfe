import { z } from 'zod';
import { mcpActions } from '#workflows/domain/mcp/rules.ts';
import { contract, idParams, isoTime, laterMoment, listOf, nameOf, pageQuery, recordId, uuid } from './contract.ts';

const tag = 'mcp';
/** Part of the name under which a model is offered its tools. */
const serverId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and -, such as issue-tracker');
const toolName = z.string().min(1).max(128);
/** A registered agent; or a project, for the agents that the platform runs there itself. */
const agentId = recordId.meta({
  description: 'A registered agent, or a project for the agents that the platform runs there itself.',
});
const longestMetadata = 10_000;
const json = z.record(z.string(), z.unknown());

const serverSchema = z.object({
  server_id: z.string(),
  version: z.string(),
  capabilities: z.array(z.string()),
  connection_url: z.string().nullable(),
  metadata: json,
  status: z.enum(['enabled', 'disabled']),
  /** Why it is disabled. */
  reason: z.string().nullable(),
  has_token: z.boolean(),
  registered_by: z.string(),
  created_at: isoTime,
  updated_at: isoTime,
});
const toolSchema = z.object({
  server_id: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  description: z.string(),
  schema: json,
  /** Whether it is called: it is enabled, its server too, and the newest registration names it. */
  enabled: z.boolean(),
  /** What an administrator says of it. */
  read_only: z.boolean(),
  idempotent: z.boolean(),
  /** The parameter that takes an idempotency key. */
  key_param: z.string().nullable(),
  updated_at: isoTime,
});

export const registerServer = contract({
  method: 'post',
  path: '/mcp/register',
  tag,
  summary: 'Register a server of tools, or replace it. Without tools, the server is asked for them',
  auth: 'org:write',
  status: 201,
  body: z.strictObject({
    server_id: serverId,
    /** Revision of the protocol, such as 2025-11-25. One that is not supported is kept disabled. */
    version: nameOf(50),
    capabilities: z.array(nameOf(100)).max(50).default([]),
    tools: z
      .array(
        z.strictObject({
          name: toolName,
          description: z.string().max(10_000).default(''),
          schema: z.unknown(),
          version: nameOf(50).optional(),
        }),
      )
      .max(1000)
      .optional(),
    connection_url: z.url().max(500).optional(),
    /** Sent as a bearer token, and never shown. Absent: the known one stays while the origin does. Null: none. */
    token: z.string().min(1).max(4000).nullish(),
    metadata: json
      .refine(
        (value) => JSON.stringify(value).length <= longestMetadata,
        `must have at most ${longestMetadata} characters as JSON`,
      )
      .default({}),
  }),
  response: serverSchema.extend({
    registered: z.number().int(),
    rejected: z.array(z.object({ name: z.string(), reason: z.string() })),
  }),
});
export const listServers = contract({
  method: 'get',
  path: '/mcp/servers',
  tag,
  summary: 'List the servers of tools',
  auth: 'agent:read',
  query: z.object({ status: z.enum(['enabled', 'disabled']).optional() }),
  response: z.object({ items: z.array(serverSchema.extend({ tools: z.number().int() })) }),
});
export const removeServer = contract({
  method: 'delete',
  path: '/mcp/servers/{server}',
  tag,
  summary: 'Remove a server of tools with its tools, policies and secret. Its calls stay on record',
  auth: 'org:write',
  params: z.object({ server: z.string() }),
  status: 204,
});
export const listTools = contract({
  method: 'get',
  path: '/mcp/tools',
  tag,
  summary: 'List the tools of all servers, or of one',
  auth: 'agent:read',
  query: z.object({ server_id: z.string().optional(), enabled_only: z.enum(['true', 'false']).default('false') }),
  response: z.object({ items: z.array(toolSchema) }),
});
export const searchTools = contract({
  method: 'get',
  path: '/mcp/tools/search',
  tag,
  summary: 'Find tools by what they do, the nearest first',
  auth: 'agent:read',
  query: z.object({ q: z.string().trim().min(1).max(500), limit: z.coerce.number().int().min(1).max(50).default(10) }),
  response: z.object({
    /** Cosine, -1 to 1. */
    items: z.array(toolSchema.extend({ similarity: z.number() })),
  }),
});
const toolParams = z.object({ server: z.string(), tool: z.string() });
export const getTool = contract({
  method: 'get',
  path: '/mcp/tools/{server}/{tool}',
  tag,
  summary: 'Get a tool',
  auth: 'agent:read',
  params: toolParams,
  response: toolSchema,
});
export const markTool = contract({
  method: 'patch',
  path: '/mcp/tools/{server}/{tool}',
  tag,
  summary: 'Say what a tool does when it is called twice, or switch it off',
  auth: 'org:write',
  params: toolParams,
  body: z
    .strictObject({
      enabled: z.boolean(),
      read_only: z.boolean(),
      idempotent: z.boolean(),
      key_param: z.string().min(1).max(200).nullable(),
    })
    .partial()
    .refine((body) => Object.keys(body).length > 0, 'must change something')
    .meta({ minProperties: 1 }),
  response: toolSchema,
});

const policySchema = z.object({
  agent_id: uuid,
  server_id: z.string(),
  tool_name: z.string(),
  actions: z.array(z.enum(mcpActions)),
  expires_at: isoTime.nullable(),
  /** Of a tool that changes things by its name: until when it may be called. */
  token_expires_at: isoTime.nullable(),
  granted_by: z.string(),
  granted_at: isoTime,
  /** Why it does not hold now; null: it does. */
  problem: z.string().nullable(),
});
export const grantPolicy = contract({
  method: 'post',
  path: '/mcp/policies/grant',
  tag,
  summary: 'Let an agent call a tool, as the tool is now',
  auth: 'org:write',
  status: 201,
  body: z.strictObject({
    agent_id: agentId,
    server_id: serverId,
    tool_name: toolName,
    /** `read`: calls of a tool that is marked as reading only. `write`: of any other one. */
    actions: z.array(z.enum(mcpActions)).min(1).max(mcpActions.length),
    expires_at: laterMoment.optional(),
  }),
  response: policySchema,
  failures: [409],
});
export const listPolicies = contract({
  method: 'get',
  path: '/mcp/policies/{agent}',
  tag,
  summary: 'What an agent may call',
  auth: 'agent:read',
  params: z.object({ agent: recordId }),
  response: z.object({ items: z.array(policySchema) }),
});
export const revokePolicy = contract({
  method: 'delete',
  path: '/mcp/policies/{agent}/{server}/{tool}',
  tag,
  summary: 'Let an agent call a tool no longer, from the next call on',
  auth: 'org:write',
  params: toolParams.extend({ agent: recordId }),
  status: 204,
});

const states = ['waiting', 'succeeded', 'failed', 'denied', 'unknown'] as const;
const invocationSchema = z.object({
  id: uuid,
  correlation_id: z.string(),
  agent_id: uuid,
  run_id: uuid.nullable(),
  ticket_id: uuid.nullable(),
  task_id: uuid.nullable(),
  server_id: z.string(),
  tool_name: z.string(),
  /** SHA-256 of the parameters without secrets. */
  params_hash: z.string(),
  decision: z.enum(['allow', 'deny']),
  /** Of a refusal. */
  reason: z.string().nullable(),
  /** `unknown`: it may have happened, and no answer came. */
  state: z.enum(states),
  attempts: z.number().int(),
  latency_ms: z.number().int().nullable(),
  /** The first 500 characters. */
  result: z.string().nullable(),
  created_at: isoTime,
  ended_at: isoTime.nullable(),
});
const answerSchema = z.object({
  id: uuid,
  correlation_id: z.string(),
  state: z.enum(states),
  success: z.boolean(),
  result: z.string().nullable(),
  error: z.string().nullable(),
  attempts: z.number().int(),
  latency_ms: z.number().int().nullable(),
  completed_at: isoTime.nullable(),
});
export const invokeTool = contract({
  method: 'post',
  path: '/mcp/invoke',
  tag,
  summary: 'Call a tool for an agent. With the key of an agent elsewhere, the agent is the one of the key',
  auth: 'agent:write',
  registered: 'task:write',
  body: z.strictObject({
    correlation_id: nameOf(200),
    agent_id: agentId.optional(),
    server_id: serverId,
    tool_name: toolName,
    params: json.default({}),
    /** For an hour, a call with the same key gets the stored answer. */
    idempotency_key: nameOf(200).optional(),
    ticket_id: recordId.optional(),
    task_id: recordId.optional(),
  }),
  response: answerSchema,
  alternative: { status: 202, when: (answer) => (answer as { state: string }).state === 'waiting' },
  failures: [409],
});
export const listInvocations = contract({
  method: 'get',
  path: '/mcp/invocations',
  tag,
  summary: 'Calls of tools, and refusals, the newest first',
  auth: 'agent:read',
  query: pageQuery.extend({
    agent_id: recordId.optional(),
    server_id: z.string().optional(),
    tool_name: z.string().optional(),
    state: z.enum(states).optional(),
  }),
  response: listOf(invocationSchema),
});
export const getInvocation = contract({
  method: 'get',
  path: '/mcp/invocations/{id}',
  tag,
  summary: 'Get a call of a tool with its answer',
  auth: 'agent:read',
  params: idParams,
  response: invocationSchema.extend({ answer: answerSchema }),
});
export const listBreakers = contract({
  method: 'get',
  path: '/mcp/circuit-breakers',
  tag,
  summary: 'Breakers of tools that were called, with how the calls of the last day went',
  auth: 'agent:read',
  response: z.object({
    items: z.array(
      z.object({
        server_id: z.string(),
        tool_name: z.string(),
        state: z.enum(['closed', 'open', 'half_open']),
        /** In a row. */
        failures: z.number().int(),
        successes: z.number().int(),
        probes: z.number().int(),
        opened_at: isoTime.nullable(),
        calls: z.number().int(),
        p50_ms: z.number().nullable(),
        p95_ms: z.number().nullable(),
        /** From 0 to 1. */
        error_rate: z.number().nullable(),
      }),
    ),
  }),
});
