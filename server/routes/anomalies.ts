import * as contracts from '../contracts/anomalies.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/anomalies.ts';

export const anomalyRoutes = [
  route(contracts.monitorMetrics, ({ query }, call) => usecases.monitorMetrics(call, query)),
  route(contracts.listAnomalies, ({ query }, call) => usecases.listAnomalies(call, query)),
  route(contracts.acknowledgeAnomaly, ({ params }, call) => usecases.acknowledgeAnomaly(call, params.id)),
];
