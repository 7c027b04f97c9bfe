import * as contracts from '../contracts/quality.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/quality.ts';

export const qualityRoutes = [
  route(contracts.recordMetric, ({ body }, call) => usecases.recordMetric(call, body)),
  route(contracts.listMetrics, ({ params, query }, call) => usecases.listMetrics(call, params.id, query)),
  route(contracts.evaluateQuality, ({ params, body }, call) =>
    usecases.evaluateQuality(call, params.gate, body.task_id),
  ),
  route(contracts.predictQuality, ({ body }, call) => usecases.predictQuality(call, body)),
  route(contracts.qualityTrends, ({ query }, call) => usecases.qualityTrends(call, query)),
];
