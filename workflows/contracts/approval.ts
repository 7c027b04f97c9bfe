import { z } from 'zod';
import { update } from './message.ts';

export interface ApprovalInput {
  organization_id: string;
  project_id: string;
  ticket_id: string;
  /** ISO time. */
  deadline_at: string;
}

/** Decides about a ticket that waits for its approval. */
export const decideUpdate = update(
  'decide',
  z.strictObject({
    approved: z.boolean(),
    reason: z.string().max(2000).optional(),
    actor: z.string().max(200).optional(),
  }),
  z.object({ status: z.string() }),
);
