import * as contracts from '../contracts/reasoning.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/reasoning.ts';

export const reasoningRoutes = [
  route(contracts.reasoningTypesOf, () => Promise.resolve(usecases.typesOfReasoning())),
  route(contracts.getReasoningEvent, ({ params }, call) => usecases.getReasoningEvent(call, params.id)),
  route(contracts.deleteReasoningEvent, ({ params }, call) => usecases.deleteReasoningEvent(call, params.id)),
  route(contracts.reasoningChain, ({ params, query }, call) => usecases.reasoningChain(call, params, query)),
  route(contracts.addReasoning, ({ params, body }, call) => usecases.addReasoning(call, params, body)),
];
