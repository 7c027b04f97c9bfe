import * as contracts from '../contracts/collaboration.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/collaboration.ts';

export const collaborationRoutes = [
  route(contracts.openThread, ({ body }, call) => usecases.openThread(call, body)),
  route(contracts.listThreads, ({ query }, call) => usecases.listThreads(call, query)),
  route(contracts.closeThread, ({ params, body }, call) => usecases.closeThread(call, params.id, body.status)),
  route(contracts.threadMessages, ({ params, query }, call) => usecases.threadMessages(call, params.id, query)),
  route(contracts.listMessages, ({ query }, call) => usecases.listMessages(call, query)),
  route(contracts.sendAgentMessage, ({ body }, call) => usecases.sendAgentMessage(call, body)),
  route(contracts.broadcast, ({ body }, call) => usecases.broadcast(call, body)),
  route(contracts.readMessage, ({ params }, call) => usecases.readMessage(call, params.id)),
  route(contracts.requestHandoff, ({ body }, call) => usecases.requestHandoff(call, body)),
  route(contracts.acceptHandoff, ({ params }, call) => usecases.answerHandoff(call, params.id, true)),
  route(contracts.declineHandoff, ({ params, body }, call) =>
    usecases.answerHandoff(call, params.id, false, body.reason),
  ),
];
