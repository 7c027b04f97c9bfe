import * as contracts from '../contracts/coordination.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/coordination.ts';

export const coordinationRoutes = [
  route(contracts.splitTask, ({ body }, call) => usecases.splitTask(call, body)),
  route(contracts.joinTasks, ({ body }, call) => usecases.joinTasks(call, body)),
  route(contracts.createSync, ({ body }, call) => usecases.createSync(call, body)),
  route(contracts.getSync, ({ params }, call) => usecases.getSync(call, params.id)),
  route(contracts.applyPattern, ({ params, body }, call) => usecases.applyPattern(call, params.name, body)),
];
