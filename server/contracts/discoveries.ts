import { z } from 'zod';
import { discoveryTypes } from '#workflows/domain/discovery/types.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { byId, contract, idParams, isoTime, listOf, pageQuery, uuid } from './contract.ts';

const discoverySchema = z.object({
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
  summary: 'Discoveries that agents reported for a ticket',
  auth: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  query: pageQuery,
  response: listOf(discoverySchema),
});
export const reportDiscovery = contract({
  method: 'post',
  path: '/tasks/{id}/discoveries',
  tag: 'discoveries',
  summary: 'Report a discovery by hand',
  auth: 'task:write',
  starts_work: 'agents',
  scope: byId('task'),
  params: idParams,
  status: 201,
  body: z.strictObject({
    type: z.enum(discoveryTypes),
    title: z.string().max(200).optional(),
    description: z.string().min(10).max(10_000),
    priority: z.enum(priorities).optional(),
    priority_boost: z.boolean().optional(),
    phase: z.string().optional(),
    blocking: z.boolean().default(false),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
  response: z.object({
    discovery: discoverySchema,
    task_id: z.string().nullable(),
    duplicate_of: z.string().nullable(),
  }),
});
export const taskDiscoveries = contract({
  method: 'get',
  path: '/tasks/{id}/discoveries',
  tag: 'discoveries',
  summary: 'List the discoveries of a task',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  query: pageQuery,
  response: listOf(discoverySchema),
});
export const resolveDiscovery = contract({
  method: 'post',
  path: '/discoveries/{id}/resolve',
  tag: 'discoveries',
  summary: 'Close a discovery',
  auth: 'task:write',
  scope: byId('discovery'),
  params: idParams,
  body: z.strictObject({ status: z.enum(['resolved', 'invalid']).default('resolved') }),
  response: discoverySchema,
});
