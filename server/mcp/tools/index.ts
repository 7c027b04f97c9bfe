import { z } from 'zod';
import { getTicket } from '../../contracts/tickets.ts';
import { id, tool, type Tool } from '../tool.ts';

/** Every tool of `/mcp`, in the order in which it lists them. */
export const tools: readonly Tool[] = [
  tool(
    'get_ticket',
    getTicket,
    'Get a ticket: its text, status, phase, what blocks it, and its pull request.',
    z.object({ ticket_id: id('the ticket') }),
    ({ ticket_id }) => ({ params: { id: ticket_id } }),
  ),
];
