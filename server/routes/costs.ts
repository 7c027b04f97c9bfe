import * as contracts from '../contracts/costs.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/costs.ts';

export const costRoutes = [
  route(contracts.costRecords, ({ query }, call) => usecases.costRecords(call, query)),
  route(contracts.costSummary, ({ query }, call) => usecases.costSummary(call, query)),
];
