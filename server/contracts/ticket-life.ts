import { z } from 'zod';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { blockKinds } from '#workflows/domain/tasks/ticket-moves.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { byId, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';
import { ticketSchema } from './tickets.ts';

const reason = z.string().trim().min(1).max(2000);
const status = z.enum(statusesOf('ticket'));

export const updateTicket = contract({
  method: 'patch',
  path: '/tickets/{id}',
  tag: 'tickets',
  summary: 'Update a ticket; the status only changes along its transitions',
  auth: 'ticket:write',
  agents_of_project: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z
    .strictObject({
      title: z.string().trim().min(1).max(500),
      description: z.string().min(1).max(50_000),
      priority: z.enum(priorities),
      status,
    })
    .partial(),
  response: ticketSchema,
  failures: [400, 409],
});
export const transitionTicket = contract({
  method: 'post',
  path: '/tickets/{id}/transition',
  tag: 'tickets',
  summary: 'Move a ticket to another status; a move that its transitions do not allow gets 400 with those that are',
  auth: 'ticket:write',
  agents_of_project: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({
    to_status: status,
    reason: reason.optional(),
    force: z
      .boolean()
      .default(false)
      .meta({ description: 'Past the transitions; owners and admins only. The end of a ticket stays final.' }),
  }),
  response: ticketSchema,
  failures: [400, 409],
});
export const regressTicket = contract({
  method: 'post',
  path: '/tickets/{id}/regress',
  tag: 'tickets',
  summary: 'Send a built ticket back to building; each task that follows is told what was found',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({ validation_feedback: z.string().trim().min(1).max(20_000), reason: reason.optional() }),
  response: ticketSchema,
  failures: [400, 409],
});
export const blockTicket = contract({
  method: 'post',
  path: '/tickets/{id}/block',
  tag: 'tickets',
  summary: 'Block a ticket: its tasks that have not started wait until it is unblocked',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({ reason, blocker_type: z.enum(blockKinds).default('waiting_on_clarification') }),
  response: ticketSchema,
  failures: [400, 409],
});
export const unblockTicket = contract({
  method: 'post',
  path: '/tickets/{id}/unblock',
  tag: 'tickets',
  summary: 'Unblock a ticket',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({ reason: reason.optional() }),
  response: ticketSchema,
  failures: [400, 409],
});
export const detectBlocking = contract({
  method: 'post',
  path: '/tickets/detect-blocking',
  tag: 'tickets',
  summary: 'Look now for tickets of a project on which nothing happens, and block them with the reason',
  auth: 'ticket:write',
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({
    project_id: recordId,
    after_seconds: z.number().int().min(60).max(2_592_000).optional().meta({
      description: 'Without progress for so long; default: the setting ticket.blocked_after.',
    }),
  }),
  response: z.object({
    looked_at: z.number().int(),
    blocked: z.array(
      z.object({
        ticket_id: uuid,
        key: z.string(),
        blocker_type: z.enum(blockKinds),
        reason: z.string(),
        suggested_remediation: z.string(),
        idle_seconds: z.number().int(),
      }),
    ),
  }),
});
export const ticketHistory = contract({
  method: 'get',
  path: '/tickets/{id}/phase-history',
  tag: 'tickets',
  summary: 'The moves of a ticket, oldest first',
  auth: 'ticket:read',
  agents_of_project: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  query: pageQuery,
  response: listOf(
    z.object({
      id: uuid,
      from_status: z.string(),
      to_status: z.string(),
      from_phase: z.string(),
      to_phase: z.string(),
      reason: z.string().nullable(),
      by: z.string(),
      forced: z.boolean(),
      at: isoTime,
    }),
  ),
});
