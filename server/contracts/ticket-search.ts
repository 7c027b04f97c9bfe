import { z } from 'zod';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { anyOfValues, byProjectQuery, contract, recordId } from './contract.ts';
import { ticketSchema } from './tickets.ts';

export const searchTickets = contract({
  method: 'get',
  path: '/tickets/search',
  tag: 'tickets',
  summary: 'Tickets about a text, the best first: by what they mean, by their words, or by both',
  auth: 'ticket:read',
  agents_of_project: 'ticket:read',
  scope: byProjectQuery,
  query: z.object({
    query: z.string().trim().min(3).max(2000),
    search_mode: z.enum(['hybrid', 'semantic', 'keyword']).default('hybrid'),
    project_id: recordId.optional(),
    status: anyOfValues(statusesOf('ticket')).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(10),
  }),
  response: z.object({
    /** Whether vectors compare meaning, or only words, as those of the lexical provider do. */
    semantic: z.boolean(),
    results: z.array(
      z.object({
        ticket: ticketSchema,
        /** Cosine similarity; null where only words were found. */
        similarity: z.number().nullable(),
        /** Orders the results: similarity, rank of the words, or both fused. */
        score: z.number(),
      }),
    ),
  }),
});
