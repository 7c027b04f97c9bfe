import { z } from 'zod';
import { byId, contract, idParams, recordId } from './contract.ts';
import { ticketSchema } from './tickets.ts';

export const mergeTicket = contract({
  method: 'post',
  path: '/tickets/{id}/merge',
  tag: 'tickets',
  summary: 'End a ticket as a part of another one, which gets its content as a comment',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({
    into: recordId.meta({ description: 'The ticket of the same project that stays.' }),
  }),
  response: ticketSchema,
  failures: [400, 409],
});
export const previewMerge = contract({
  method: 'get',
  path: '/tickets/{id}/merge-preview',
  tag: 'tickets',
  summary: 'What a merge of a ticket into another one would do; nothing changes',
  auth: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  query: z.strictObject({ into: recordId.meta({ description: 'The ticket of the same project that would stay.' }) }),
  response: z.object({
    /** The ticket that stays. */
    into: ticketSchema,
    /** What that ticket gets as a comment; null where it has been merged already. */
    comment: z.string().nullable(),
    /** Keys of the tasks that would be cancelled, since they have not started. */
    dropped: z.array(z.string()),
    /** Keys of the tickets and tasks that would wait for the ticket that stays. */
    waiting: z.array(z.string()),
  }),
  failures: [400, 409],
});
export const linkDuplicate = contract({
  method: 'post',
  path: '/tickets/{id}/duplicates',
  tag: 'tickets',
  summary: 'Say of which ticket this one is a duplicate; both stay as they are',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({
    of: recordId.nullable().meta({ description: 'A ticket of the same project; null takes the link away.' }),
  }),
  response: ticketSchema,
  failures: [400, 409],
});
