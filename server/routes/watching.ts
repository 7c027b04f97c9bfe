import * as contracts from '../contracts/watching.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/watching.ts';

export const watchingRoutes = [
  route(contracts.watchStatus, ({ query }, call) => usecases.watchStatus(call, query)),
  route(contracts.watchHealth, ({ query }, call) => usecases.watchHealth(call, query)),
  route(contracts.analyseRun, ({ params, query }, call) =>
    usecases.analyseRun(call, params.id, query.force === 'true'),
  ),
  route(contracts.listInterventions, ({ query }, call) => usecases.listInterventions(call, query)),
  route(contracts.runAnalyses, ({ params, query }, call) => usecases.runAnalyses(call, params.id, query)),
];
