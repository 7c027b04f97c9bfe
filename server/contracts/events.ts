import { z } from 'zod';
import { byProjectQuery, contract, eventNumber, isoTime, listOf, recordId } from './contract.ts';

/** An event. It has this shape in lists, in the table and on the live feed. */
export const eventSchema = z.object({
  seq: z.number().int(),
  id: z.string(),
  type: z.string(),
  at: isoTime,
  organization_id: z.string(),
  project_id: z.string().nullable(),
  entity: z.object({ kind: z.string(), id: z.string() }),
  data: z.record(z.string(), z.unknown()),
});

export const newestEvent = contract({
  method: 'get',
  path: '/events/newest',
  tag: 'events',
  summary: 'Number of the newest event',
  auth: 'agent:read',
  response: z.object({ newest: z.number().int() }),
});
export const listEvents = contract({
  method: 'get',
  path: '/events',
  tag: 'events',
  summary: 'Events after a number, in order, or the newest ones first',
  failures: [410],
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object({
    after: eventNumber.optional().meta({
      description: 'The number of the last event that you have. Without it, from the oldest one that is kept.',
    }),
    cursor: eventNumber.optional(),
    newest_first: z
      .enum(['true'])
      .optional()
      .meta({ description: 'From the newest one backwards; `after` is not read.' }),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    project_id: recordId.optional(),
    types: z.string().optional(),
    entity_kinds: z.string().optional(),
    entity_ids: z.string().optional(),
  }),
  response: listOf(eventSchema),
});
