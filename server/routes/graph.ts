import * as contracts from '../contracts/graph.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/graph.ts';

export const graphRoutes = [
  route(contracts.projectGraph, ({ params }, call) => usecases.projectGraph(call, { project_id: params.id })),
  route(contracts.dependencyGraphOfProject, ({ params }, call) =>
    usecases.projectGraph(call, { project_id: params.id }),
  ),
  route(contracts.dependencyGraphOfTicket, ({ params }, call) => usecases.projectGraph(call, { ticket_id: params.id })),
  route(contracts.ticketWorkflowGraph, ({ params }, call) => usecases.ticketWorkflowGraph(call, params.id)),
  route(contracts.blockedTasks, ({ params }, call) => usecases.blockedBy(call, params.id)),
  route(contracts.blockingTasks, ({ params }, call) => usecases.blocking(call, params.id)),
];
