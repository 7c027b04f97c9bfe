import { z } from 'zod';
import { byId, contract, idParams, recordId } from './contract.ts';
import { ticketSchema } from './tickets.ts';

export const addTicketDependency = contract({
  method: 'post',
  path: '/tickets/{id}/dependencies',
  tag: 'tickets',
  summary: 'Let a ticket wait for another one: its tasks that have not started begin once the other has ended',
  auth: 'ticket:write',
  agents_of_project: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({ depends_on: recordId }),
  response: ticketSchema,
  failures: [400],
});
export const removeTicketDependency = contract({
  method: 'delete',
  path: '/tickets/{id}/dependencies/{dependency}',
  tag: 'tickets',
  summary: 'Let a ticket no longer wait for another one',
  auth: 'ticket:write',
  agents_of_project: 'ticket:write',
  scope: byId('ticket'),
  params: idParams.extend({ dependency: recordId }),
  response: ticketSchema,
});
