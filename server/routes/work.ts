import * as boards from '../contracts/board.ts';
import * as contracts from '../contracts/work.ts';
import { route } from '../http/define-route.ts';
import * as board from '../usecases/board.ts';
import { retryTicket } from '../usecases/retry.ts';
import * as tasks from '../usecases/tasks.ts';
import * as tickets from '../usecases/tickets.ts';

export const workRoutes = [
  route(boards.taskBoard, ({ query }, call) => board.taskBoard(call, query)),
  route(boards.ticketBoard, ({ query }, call) => board.ticketBoard(call, query)),

  route(contracts.listTickets, ({ query }, call) => tickets.listTickets(call, query)),
  route(contracts.createTicket, ({ body }, call) => tickets.createTicket(call, body)),
  route(contracts.getTicket, ({ params }, call) => tickets.getTicket(call, params.id)),
  route(contracts.cancelTicket, ({ params, body }, call) => tickets.cancelTicket(call, params.id, body.reason)),
  route(contracts.retryTicket, ({ params }, call) => retryTicket(call, params.id)),
  route(contracts.ticketDiscoveries, ({ params }, call) => tickets.ticketDiscoveries(call, params.id)),
  route(contracts.ticketMerges, ({ params }, call) => tickets.ticketMerges(call, params.id)),
  route(contracts.ticketWorkflowGraph, ({ params }, call) => tasks.ticketWorkflowGraph(call, params.id)),

  route(contracts.listTasks, ({ query }, call) => tasks.listTasks(call, query)),
  route(contracts.createTask, ({ body }, call) => tasks.createTask(call, body)),
  route(contracts.getTask, ({ params }, call) => tasks.getTask(call, params.id)),
  route(contracts.updateTask, ({ params, body }, call) => tasks.updateTask(call, params.id, body)),
  route(contracts.taskContext, ({ params }, call) => tasks.taskContext(call, params.id)),
  route(contracts.cancelTask, ({ params, body }, call) => tasks.cancelTask(call, params.id, body.reason)),
  route(contracts.failTask, ({ params, body }, call) => tasks.failTask(call, params.id, body.reason)),
  route(contracts.retryTask, ({ params }, call) => tasks.retryTask(call, params.id)),
  route(contracts.getDependencies, ({ params }, call) => tasks.getDependencies(call, params.id)),
  route(contracts.setDependencies, ({ params, body }, call) =>
    tasks.changeDependencies(call, params.id, () => body.depends_on),
  ),
  route(contracts.addDependencies, ({ params, body }, call) =>
    tasks.changeDependencies(call, params.id, (now) => [...now, ...body.depends_on]),
  ),
  route(contracts.removeDependency, ({ params }, call) =>
    tasks.changeDependencies(call, params.id, (now) => now.filter((id) => id !== params.dependency)),
  ),
  route(contracts.checkCircular, ({ params, body }, call) => tasks.checkCircular(call, params.id, body.depends_on)),
  route(contracts.taskReviews, ({ params }, call) => tasks.taskReviews(call, params.id)),
  route(contracts.reportDiscovery, ({ params, body }, call) => tasks.reportDiscovery(call, params.id, body)),
  route(contracts.taskDiscoveries, ({ params }, call) => tasks.taskDiscoveries(call, params.id)),
  route(contracts.resolveDiscovery, ({ params, body }, call) => tasks.resolveDiscovery(call, params.id, body.status)),

  route(contracts.projectGraph, ({ params }, call) => tasks.projectGraph(call, { project_id: params.id })),
  route(contracts.dependencyGraphOfProject, ({ params }, call) => tasks.projectGraph(call, { project_id: params.id })),
  route(contracts.dependencyGraphOfTicket, ({ params }, call) => tasks.projectGraph(call, { ticket_id: params.id })),
  route(contracts.blockedTasks, ({ params }, call) => tasks.blockedBy(call, params.id)),
  route(contracts.blockingTasks, ({ params }, call) => tasks.blocking(call, params.id)),
];
