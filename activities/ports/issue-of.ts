import { z } from 'zod';
import type { Ticket } from '#prisma/store/tickets.ts';

const ofIssue = z.object({
  issue: z.object({
    number: z.number().int(),
    url: z.string(),
    /** What asked for the ticket: `label:ID` or `command:ID`. */
    order: z.string(),
  }),
});
/** The context of a ticket that was made of an issue at the code host. */
export type OfIssue = z.output<typeof ofIssue>;

/** The issue that a ticket was made of; undefined for every other ticket. */
export const issueOf = ({ context }: Pick<Ticket, 'context'>): OfIssue['issue'] | undefined =>
  ofIssue.safeParse(context).data?.issue;
