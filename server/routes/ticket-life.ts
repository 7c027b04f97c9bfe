import * as contracts from '../contracts/ticket-life.ts';
import { route } from '../http/define-route.ts';
import * as comments from '../contracts/ticket-comments.ts';
import * as commentUsecases from '../usecases/ticket-comments.ts';
import * as dependencies from '../contracts/ticket-dependencies.ts';
import { addTicketDependency, removeTicketDependency } from '../usecases/ticket-dependencies.ts';
import * as history from '../contracts/history.ts';
import { eventsOf } from '../usecases/events.ts';
import * as duplicates from '../contracts/ticket-duplicates.ts';
import * as duplicateUsecases from '../usecases/ticket-duplicates.ts';
import * as usecases from '../usecases/ticket-life.ts';

export const ticketLifeRoutes = [
  route(contracts.detectBlocking, ({ body }, call) => usecases.detectBlocking(call, body)),
  route(contracts.updateTicket, ({ params, body }, call) => usecases.updateTicket(call, params.id, body)),
  route(contracts.transitionTicket, ({ params, body }, call) => usecases.transitionTicket(call, params.id, body)),
  route(contracts.regressTicket, ({ params, body }, call) => usecases.regressTicket(call, params.id, body)),
  route(contracts.blockTicket, ({ params, body }, call) => usecases.blockTicket(call, params.id, body)),
  route(contracts.unblockTicket, ({ params, body }, call) => usecases.unblockTicket(call, params.id, body)),
  route(contracts.ticketHistory, ({ params, query }, call) => usecases.ticketHistory(call, params.id, query)),
  route(history.ticketEvents, ({ params, query }, call) => eventsOf(call, { kind: 'ticket', id: params.id }, query)),
  route(dependencies.addTicketDependency, ({ params, body }, call) =>
    addTicketDependency(call, params.id, body.depends_on),
  ),
  route(dependencies.removeTicketDependency, ({ params }, call) =>
    removeTicketDependency(call, params.id, params.dependency),
  ),
  route(duplicates.mergeTicket, ({ params, body }, call) => duplicateUsecases.mergeTicket(call, params.id, body.into)),
  route(duplicates.previewMerge, ({ params, query }, call) =>
    duplicateUsecases.previewMerge(call, params.id, query.into),
  ),
  route(duplicates.linkDuplicate, ({ params, body }, call) =>
    duplicateUsecases.linkDuplicate(call, params.id, body.of),
  ),
  route(comments.listComments, ({ params, query }, call) => commentUsecases.listComments(call, params.id, query)),
  route(comments.addComment, ({ params, body }, call) => commentUsecases.addComment(call, params.id, body.text)),
  route(comments.editComment, ({ params, body }, call) => commentUsecases.editComment(call, params, body.text)),
  route(comments.removeComment, ({ params }, call) => commentUsecases.removeComment(call, params)),
];
