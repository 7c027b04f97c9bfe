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
