import { z } from 'zod';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { linkCommit } from '../../contracts/commits.ts';
import { completeTicket } from '../../contracts/gates.ts';
import { ticketEvents } from '../../contracts/history.ts';
import { addComment } from '../../contracts/ticket-comments.ts';
import { addTicketDependency, removeTicketDependency } from '../../contracts/ticket-dependencies.ts';
import { ticketHistory, transitionTicket, updateTicket } from '../../contracts/ticket-life.ts';
import { searchTickets } from '../../contracts/ticket-search.ts';
import { createTicket, getTicket, listTickets, workflowMode } from '../../contracts/tickets.ts';
import { comment, given, id, page, tool } from '../tool.ts';

const title = z.string().trim().min(3).max(500);
const description = z.string().min(10).max(50_000).describe('What is wanted, in the words of who asks for it.');
const priority = z.enum(priorities);
const status = z.enum(statusesOf('ticket'));
const ticket_id = id('the ticket');

const newTicket = z.object({
  project_id: id('the project'),
  title,
  description,
  priority: priority.optional(),
  workflow_mode: workflowMode
    .optional()
    .describe('quick: agents start at once. spec_driven: it waits for a plan. Default: that of the project.'),
  force_create: z.boolean().optional().describe('Create it although the project has a similar open ticket.'),
});
/** A ticket is created by two names of one tool. */
export const createsTicket = (name: string) =>
  tool(
    name,
    createTicket,
    'Create a ticket. Where the project has a similar open one, nothing is created and the similar ones are named. In quick mode agents begin to work on it at once.',
    newTicket,
    (input) => ({ body: given(input) }),
  );
export const getsTicket = (name: string) =>
  tool(
    name,
    getTicket,
    'Get a ticket: its text, status, phase, what it waits for, and its pull request.',
    z.object({ ticket_id }),
    (input) => ({ params: { id: input.ticket_id } }),
  );

export const ticketTools = [
  createsTicket('create_ticket'),
  tool(
    'update_ticket',
    updateTicket,
    'Change the title, the description or the priority of a ticket.',
    z.object({
      ticket_id,
      title: title.optional(),
      description: description.optional(),
      priority: priority.optional(),
    }),
    ({ ticket_id: ticket, ...fields }) => ({ params: { id: ticket }, body: given(fields) }),
  ),
  tool(
    'change_ticket_status',
    transitionTicket,
    'Move a ticket to another status. A move that is not allowed is refused with those that are. cancelled ends its work.',
    z.object({ ticket_id, status, comment: comment('Why it moves, for its history.') }),
    ({ ticket_id: ticket, status: to_status, comment: reason }) => ({
      params: { id: ticket },
      body: { to_status, reason },
    }),
  ),
  tool(
    'search_tickets',
    searchTickets,
    'Find tickets about a text, the best first.',
    z.object({
      query: z.string().trim().min(3).max(2000),
      search_mode: z
        .enum(['hybrid', 'semantic', 'keyword'])
        .default('hybrid')
        .describe('semantic: by meaning. keyword: all words of the query. hybrid: both.'),
      project_id: id('the project').optional(),
      status: status.optional(),
      limit: page(100, 10).limit,
    }),
    (query) => ({ query: given(query) }),
  ),
  getsTicket('get_ticket'),
  tool(
    'get_tickets',
    listTickets,
    'List tickets, newest first.',
    z.object({
      project_id: id('the project').optional(),
      spec_id: id('a spec').optional(),
      status: status.optional(),
      priority: priority.optional(),
      ...page(200, 50),
    }),
    (query) => ({ query: given(query) }),
  ),
  tool(
    'get_ticket_history',
    ticketEvents,
    'What happened to a ticket, oldest first: changes, moves, comments, blocks, gates.',
    z.object({ ticket_id, ...page(200, 50) }),
    ({ ticket_id: ticket, ...query }) => ({ params: { id: ticket }, query: given(query) }),
  ),
  tool(
    'resolve_ticket',
    completeTicket,
    'End a ticket as done: its gates are open and its work has ended. Tickets that wait for it may go on.',
    z.object({ ticket_id, resolution: comment('What was done, for its history.') }),
    ({ ticket_id: ticket, resolution: reason }) => ({ params: { id: ticket }, body: { reason } }),
  ),
  tool(
    'add_ticket_comment',
    addComment,
    'Comment on a ticket. @ and the address of a member tells them.',
    z.object({ ticket_id, comment: z.string().trim().min(10).max(10_000) }),
    ({ ticket_id: ticket, comment: text }) => ({ params: { id: ticket }, body: { text } }),
  ),
  tool(
    'link_commit',
    linkCommit,
    "Link a commit of the project's repository to a ticket.",
    z.object({ ticket_id, commit_sha: z.string().min(7).max(40).describe('Its id, or the first digits of it.') }),
    ({ ticket_id: ticket, commit_sha: sha }) => ({ params: { id: ticket }, body: { sha } }),
  ),
  tool(
    'add_ticket_dependency',
    addTicketDependency,
    'Let a ticket wait for another one of its project: its tasks that have not started begin once the other has ended.',
    z.object({ ticket_id, depends_on: id('the ticket that it waits for') }),
    ({ ticket_id: ticket, depends_on }) => ({ params: { id: ticket }, body: { depends_on } }),
  ),
  tool(
    'remove_ticket_dependency',
    removeTicketDependency,
    'Let a ticket no longer wait for another one.',
    z.object({ ticket_id, depends_on: id('the ticket that it waits for') }),
    ({ ticket_id: ticket, depends_on: dependency }) => ({ params: { id: ticket, dependency } }),
  ),
  tool(
    'get_phase_history',
    ticketHistory,
    'The moves of a ticket between statuses and phases, oldest first, each with its reason.',
    z.object({ ticket_id, ...page(200, 50) }),
    ({ ticket_id: ticket, ...query }) => ({ params: { id: ticket }, query: given(query) }),
  ),
];
