import { z } from 'zod';
import { byProjectQuery, contract, isoTime, recordId } from './contract.ts';
import { ticketSchema } from './tickets.ts';

const ofTicket = { kind: 'ticket', from: 'body', field: 'ticket_id' } as const;

export const approveTicket = contract({
  method: 'post',
  path: '/tickets/approve',
  tag: 'tickets',
  summary: 'Approve a ticket that waits for it: its work begins',
  auth: 'ticket:write',
  starts_work: 'agents',
  scope: ofTicket,
  body: z.strictObject({ ticket_id: recordId, reason: z.string().trim().min(1).max(2000).optional() }),
  response: ticketSchema,
  failures: [400, 402],
});
export const rejectTicket = contract({
  method: 'post',
  path: '/tickets/reject',
  tag: 'tickets',
  summary: 'Reject a ticket that waits for its approval; the project says whether it is archived or deleted',
  auth: 'ticket:write',
  scope: ofTicket,
  body: z.strictObject({ ticket_id: recordId, rejection_reason: z.string().trim().min(1).max(2000) }),
  response: z.object({ ticket_id: z.string(), approval_status: z.literal('rejected'), deleted: z.boolean() }),
  failures: [400],
});
export const pendingReviewCount = contract({
  method: 'get',
  path: '/tickets/pending-review-count',
  tag: 'tickets',
  summary: 'The number of tickets that wait for their approval',
  auth: 'ticket:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId.optional() }),
  response: z.object({ pending_count: z.number().int() }),
});
export const approvalStatus = contract({
  method: 'get',
  path: '/tickets/approval-status',
  tag: 'tickets',
  summary: 'Whether a ticket is approved',
  auth: 'ticket:read',
  scope: { kind: 'ticket', from: 'query', field: 'ticket_id' },
  query: z.object({ ticket_id: recordId }),
  response: z.object({
    ticket_id: z.string(),
    /** Null: it needs no approval. */
    approval_status: z.string().nullable(),
    approval_deadline_at: isoTime.nullable(),
    decided_by: z.string().nullable(),
    rejection_reason: z.string().nullable(),
  }),
});
