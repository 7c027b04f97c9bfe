import { z } from 'zod';
import { ticketColumns } from '#workflows/domain/tasks/columns.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import {
  anyOfValues,
  byFilters,
  byId,
  byProjectQuery,
  contract,
  idParams,
  listOf,
  pageQuery,
  recordId,
} from './contract.ts';
import { taskSchema } from './tasks.ts';
import { ticketSchema, workflowMode } from './tickets.ts';

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

const ofProject = { kind: 'project', from: 'query', field: 'project_id' } as const;
const projectQuery = z.object({ project_id: recordId });
const columnId = z.enum(ticketColumns.map(({ id }) => id));
const columnSchema = z.object({
  id: z.string(),
  title: z.string(),
  phases: z.array(z.string()),
  statuses: z.array(z.string()),
  total: z.number().int(),
  /** Null: any number. */
  wip_limit: z.number().int().nullable(),
  over_limit: z.boolean(),
});

export const boardView = contract({
  method: 'get',
  path: '/board/view',
  tag: 'board',
  summary: 'Board of a project: its columns with their limits and newest tickets',
  auth: 'ticket:read',
  scope: ofProject,
  query: query.required({ project_id: true }).extend({
    priority: anyOfValues(priorities).optional(),
    blocked: z.enum(['true', 'false']).optional(),
    workflow_mode: workflowMode.optional(),
  }),
  response: z.object({
    total: z.number().int(),
    columns: z.array(columnSchema.extend({ items: z.array(ticketSchema), next_cursor: z.string().nullable() })),
  }),
});
export const boardStats = contract({
  method: 'get',
  path: '/board/stats',
  tag: 'board',
  summary: 'Tickets of a project in numbers',
  auth: 'ticket:read',
  scope: ofProject,
  query: projectQuery,
  response: z.object({
    total: z.number().int(),
    blocked: z.number().int(),
    waiting_for_approval: z.number().int(),
    columns: z.array(columnSchema),
  }),
});
export const wipViolations = contract({
  method: 'get',
  path: '/board/wip-violations',
  tag: 'board',
  summary: 'Columns with more tickets than their limit: work that continues by itself is never held up by a limit',
  auth: 'ticket:read',
  scope: ofProject,
  query: projectQuery,
  response: z.object({ violations: z.array(columnSchema.extend({ excess: z.number().int() })) }),
});
export const boardColumn = contract({
  method: 'get',
  path: '/board/column/{column}',
  tag: 'board',
  summary: 'The tickets of a column, by its id or by a phase that it shows, newest first',
  auth: 'ticket:read',
  scope: byProjectQuery,
  params: z.object({ column: z.string() }),
  query: pageQuery.extend({ project_id: recordId.optional() }),
  response: listOf(ticketSchema),
});
export const moveOnBoard = contract({
  method: 'post',
  path: '/board/move',
  tag: 'board',
  summary: 'Move a ticket to a column: 400 where its transitions or the limit of the column do not allow it',
  auth: 'ticket:write',
  scope: { kind: 'ticket', from: 'body', field: 'ticket_id' },
  body: z.strictObject({
    ticket_id: recordId,
    target_column_id: columnId,
    reason: z.string().trim().min(1).max(2000).optional(),
    force: z
      .boolean()
      .default(false)
      .meta({ description: 'Past the transitions and the limit; owners and admins only.' }),
  }),
  response: ticketSchema,
  failures: [400, 409],
});
export const autoTransition = contract({
  method: 'post',
  path: '/board/auto-transition/{id}',
  tag: 'board',
  summary: 'Move a ticket whose tasks have ended onwards: from building to testing, from deploying to done',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  response: z.object({ moved: z.boolean(), reason: z.string(), ticket: ticketSchema }),
  failures: [400, 409],
});
