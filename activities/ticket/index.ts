import type { Services } from '../ports/services.ts';
import { createTicketBranches } from './branches.ts';
import { createJoins } from './join.ts';
import { createTicketMoves } from './moves.ts';
import { createOpenChanges } from './open-changes.ts';
import { createPullRequests } from './pull-request.ts';
import { createTitleTicket } from './title-ticket.ts';

export function createTicketActivities(services: Services) {
  return {
    ...createTicketBranches(services),
    ...createJoins(services),
    ...createTicketMoves(services),
    ...createPullRequests(services),
    openChanges: createOpenChanges(services),
    titleTicket: createTitleTicket(services),
  };
}
