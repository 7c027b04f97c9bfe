import { z } from 'zod';
import { isoTime } from './contract.ts';

/** The one envelope of events: in lists, in the table and on the live feed. */
export const eventView = z.object({
  seq: z.number().int(), id: z.string(), type: z.string(), at: isoTime, organization_id: z.string(), project_id: z.string().nullable(), entity: z.object({ kind: z.string(), id: z.string() }), data: z.record(z.string(), z.unknown()),
});
