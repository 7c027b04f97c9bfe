import { z } from 'zod';
import { byFilters, contract, recordId } from './contract.ts';
import { taskSchema } from './tasks.ts';
import { ticketSchema } from './tickets.ts';

const query = z.object({
  project_id: recordId.optional(),
  spec_id: recordId.optional(),
  search: z.string().max(200).optional(),
  per_column: z.coerce.number().int().min(1).max(100).default(30).meta({
    description:
      'Cards per column. Pass next_cursor and the same statuses to the list of tasks or tickets to read the rest.',
  }),
});
const columnsOf = <T extends z.ZodType>(card: T) =>
  z.object({
    total: z.number().int(),
    columns: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        statuses: z.array(z.string()),
        total: z.number().int(),
        items: z.array(card),
        next_cursor: z.string().nullable(),
      }),
    ),
  });

export const taskBoard = contract({
  method: 'get',
  path: '/board/tasks',
  tag: 'board',
  summary: 'Task board: the count and the newest tasks of each column',
  auth: 'task:read',
  scope: byFilters('project', 'spec'),
  query,
  response: columnsOf(taskSchema),
});
export const ticketBoard = contract({
  method: 'get',
  path: '/board/tickets',
  tag: 'board',
  summary: 'Ticket board: the count and the newest tickets of each column',
  auth: 'ticket:read',
  scope: byFilters('project', 'spec'),
  query,
  response: columnsOf(ticketSchema),
});
