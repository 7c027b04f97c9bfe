import { z } from 'zod';
import { byId, contract, eventNumber, idParams, listOf } from './contract.ts';
import { eventSchema } from './events.ts';

const query = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  cursor: eventNumber.optional(),
});

export const ticketEvents = contract({
  method: 'get',
  path: '/tickets/{id}/history',
  tag: 'tickets',
  summary: 'What happened to a ticket, oldest first, as far as events are kept',
  auth: 'ticket:read',
  agents_of_project: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  query,
  response: listOf(eventSchema),
});
export const taskTimeline = contract({
  method: 'get',
  path: '/tasks/{id}/timeline',
  tag: 'tasks',
  summary: 'What happened to a task, oldest first, as far as events are kept',
  auth: 'task:read',
  agents_of_project: 'task:read',
  scope: byId('task'),
  params: idParams,
  query,
  response: listOf(eventSchema),
});
