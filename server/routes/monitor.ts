import * as contracts from '../contracts/monitor.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/monitor.ts';

export const monitorRoutes = [
  route(contracts.watchStatus, ({ query }, call) => usecases.watchStatus(call, query)),
  route(contracts.watchHealth, ({ query }, call) => usecases.watchHealth(call, query)),
  route(contracts.analyseRun, ({ params, query }, call) =>
    usecases.analyseRun(call, params.id, query.force === 'true'),
  ),
  route(contracts.listInterventions, ({ query }, call) => usecases.listInterventions(call, query)),
  route(contracts.runAnalyses, ({ params }, call) => usecases.runAnalyses(call, params.id)),
];
