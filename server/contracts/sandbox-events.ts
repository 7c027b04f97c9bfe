import { z } from 'zod';
import {
  maxSandboxEventBytes,
  sandboxEventSources,
  sandboxEventTypes,
} from '#workflows/domain/events/sandbox-events.ts';
import { byId, contract, idParams } from './contract.ts';

const eventTypes = z.enum(sandboxEventTypes, `must be one of ${sandboxEventTypes.join(', ')}`);
export const reportEvent = contract({
  method: 'post',
  path: '/runs/{id}/events',
  tag: 'runs',
  summary: 'Report what happens in the sandbox of a run. A report is shown, and changes no state',
  auth: 'task:write',
  agent: 'task:write',
  registered: 'task:write',
  scope: byId('run'),
  failures: [409, 429],
  params: idParams,
  body: z.strictObject({
    event_type: eventTypes,
    event_data: z
      .record(z.string().max(200), z.unknown())
      .default({})
      .refine(
        (data) => new TextEncoder().encode(JSON.stringify(data)).length <= maxSandboxEventBytes,
        `must have at most ${maxSandboxEventBytes} bytes as JSON`,
      ),
    source: z.enum(sandboxEventSources),
    /** Unique in the run: an event that is sent again with its id is stored once. Unset: a new one. */
    event_id: z
      .string()
      .regex(/^[\w.:-]{1,100}$/, 'takes 1 to 100 letters, digits, _ . : and -')
      .optional(),
  }),
  response: z.object({
    /** known: it was stored before. */
    status: z.enum(['stored', 'known']),
    event_id: z.string(),
  }),
});
