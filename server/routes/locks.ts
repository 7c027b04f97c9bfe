import * as contracts from '../contracts/locks.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/locks.ts';

export const lockRoutes = [
  route(contracts.acquireLock, ({ body }, call) => usecases.acquireLock(call, body)),
  route(contracts.releaseLock, ({ body }, call) => usecases.releaseLock(call, body)),
  route(contracts.listLocks, ({ query }, call) => usecases.listLocks(call, query)),
];
