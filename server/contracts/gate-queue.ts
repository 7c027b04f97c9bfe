import { z } from 'zod';
import { byProjectQuery, contract, isoTime, recordId, uuid } from './contract.ts';

export const gateKinds = ['phase', 'approval', 'ticket'] as const;

const item = z.object({
  /** kind:ID of the spec or ticket. */
  id: z.string(),
  /** phase: of a spec's plan. approval: a ticket before its work. ticket: the phase of a ticket whose tasks have ended. */
  kind: z.enum(gateKinds),
  title: z.string(),
  project_id: uuid,
  from: z.string(),
  /** What comes after it; null: a person chooses. */
  to: z.string().nullable(),
  /** passed: what it asks for is met. failed: something is missing. open: only a person decides. */
  verdict: z.enum(['passed', 'failed', 'open']),
  /** Of a phase: 0 to 1. */
  score: z.number().nullable(),
  reasons: z.array(z.string()),
  since: isoTime,
  /** Unfinished tasks that cannot go on before it. */
  blocks: z.number().int(),
  /** When the gate decides by itself; null: never. */
  decides_at: isoTime.nullable(),
  /** What happens then. */
  then: z.string().nullable(),
  /** The item of the inbox that approves it; null: it is decided on its page. */
  inbox_id: z.string().nullable(),
});

export const listGates = contract({
  method: 'get',
  path: '/gates',
  tag: 'phases',
  summary: 'The gates that wait for a person: what holds up most first, at most 50 of each kind',
  auth: 'document:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId.optional() }),
  response: z.object({ items: z.array(item) }),
});
