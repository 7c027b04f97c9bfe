import { z } from 'zod';
import { byId, contract, idParams } from './contract.ts';

export const pendingMessages = contract({
  method: 'get',
  path: '/runs/{id}/pending',
  tag: 'runs',
  summary: 'Read the messages that the agent of a run has not had yet, as the program in its sandbox gives them to it',
  auth: 'agent:read',
  agent: 'task:read',
  registered: 'task:read',
  scope: byId('run'),
  params: idParams,
  response: z.object({
    messages: z.array(z.object({ id: z.string(), text: z.string() })),
    /** The program is to return to the platform after the step under way. */
    returns: z.boolean(),
  }),
});

export const readSession = contract({
  method: 'get',
  path: '/runs/{id}/session',
  tag: 'runs',
  summary: 'Read a part of the stored session of the program that carries a run on',
  auth: 'agent:read',
  agent: 'task:read',
  scope: byId('run'),
  params: idParams,
  query: z.object({
    after: z
      .string()
      .regex(/^\d{1,3}\.\d{1,9}$/, 'must be the field next of the part before')
      .optional(),
  }),
  response: z.object({
    session_id: z.string(),
    entries: z.array(z.string()),
    /** Entries of this run itself; those before them are of runs that it continues. */
    stored: z.number().int(),
    next: z.string().nullable(),
  }),
});

export const appendSession = contract({
  method: 'post',
  path: '/runs/{id}/session',
  tag: 'runs',
  summary: 'Store lines of the session of the program that carries a run on. A repeated call changes nothing',
  auth: 'task:write',
  agent: 'task:write',
  scope: byId('run'),
  failures: [409, 413],
  params: idParams,
  body_mb: 32,
  body: z.strictObject({
    /** Position of the first entry: so many are stored before. */
    from: z.number().int().min(0).max(1_000_000),
    entries: z.array(z.string().min(2).max(30_000_000)).min(1).max(1000),
  }),
  response: z.object({ stored: z.number().int() }),
});
