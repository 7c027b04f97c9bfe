import { z } from 'zod';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import type { Store } from './store.ts';

const following = z.object({ follows_pull_request: z.uuid() });
/** The context of a ticket that continues the work of an ended pull request. */
export type Following = z.output<typeof following>;

/** The ended pull request whose work the ticket continues; undefined for every other ticket. */
export async function followedPull(store: Store, ticket: Ticket): Promise<PullRequest | undefined> {
  const { data } = following.safeParse(ticket.context);
  return data && store.pullRequests.get(ticket.organization_id, data.follows_pull_request);
}
