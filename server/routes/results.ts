import * as contracts from '../contracts/results.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/results.ts';

export const resultRoutes = [
  route(contracts.reportResults, ({ body }, call) => usecases.reportResults(call, body)),
  route(contracts.verifyResult, ({ params, body }, call) => usecases.verifyResult(call, params.id, body)),
  route(contracts.taskResults, ({ params, query }, call) => usecases.taskResults(call, params.id, query)),
  route(contracts.submitResult, ({ body }, call) => usecases.submitResult(call, body)),
  route(contracts.validateResult, ({ body }, call) => usecases.validateResult(call, body)),
  route(contracts.workflowResults, ({ params, query }, call) => usecases.workflowResults(call, params.id, query)),
];
