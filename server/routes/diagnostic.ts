import * as contracts from '../contracts/diagnostic.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/diagnostic.ts';

export const diagnosticRoutes = [
  route(contracts.stuckWorkflows, ({ query }, call) => usecases.stuckWorkflows(call, query.project_id)),
  route(contracts.listDiagnostics, ({ query }, call) => usecases.listDiagnostics(call, query)),
  route(contracts.getDiagnostic, ({ params }, call) => usecases.getDiagnostic(call, params.id)),
  route(contracts.triggerDiagnostic, ({ params }, call) => usecases.triggerDiagnostic(call, params.id)),
  route(contracts.resetDiagnostics, ({ params }, call) => usecases.resetDiagnostics(call, params.id)),
  route(contracts.discoveryHealth, ({ params }, call) => usecases.discoveryHealth(call, params.id)),
  route(contracts.predictedBlockers, ({ params }, call) => usecases.predictedBlockers(call, params.id)),
  route(contracts.recommendAgent, ({ params }, call) => usecases.recommendAgent(call, params.id)),
];
