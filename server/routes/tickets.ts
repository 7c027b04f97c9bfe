import * as contracts from '../contracts/tickets.ts';
import * as search from '../contracts/ticket-search.ts';
import { route } from '../http/define-route.ts';
import { retryTicket } from '../usecases/retry.ts';
import { searchTickets } from '../usecases/ticket-search.ts';
import * as usecases from '../usecases/tickets.ts';

export const ticketRoutes = [
  route(contracts.listTickets, ({ query }, call) => usecases.listTickets(call, query)),
  route(contracts.checkDuplicates, ({ body }, call) => usecases.checkDuplicates(call, body)),
  route(contracts.createTicket, ({ body }, call) => usecases.createTicket(call, body)),
  route(search.searchTickets, ({ query }, call) => searchTickets(call, query)),
  route(contracts.getTicket, ({ params }, call) => usecases.getTicket(call, params.id)),
  route(contracts.cancelTicket, ({ params, body }, call) => usecases.cancelTicket(call, params.id, body.reason)),
  route(contracts.retryTicket, ({ params }, call) => retryTicket(call, params.id)),
  route(contracts.ticketMerges, ({ params, query }, call) => usecases.ticketMerges(call, params.id, query)),
];
