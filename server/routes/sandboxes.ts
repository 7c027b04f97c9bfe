import * as contracts from '../contracts/sandboxes.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/sandboxes.ts';

/** What concerns no single sandbox. The others are routes of runs, of which each has its own. */
export const sandboxRoutes = [
  route(contracts.listSandboxes, ({ query }, call) => usecases.listSandboxes(call, query)),
  route(contracts.sandboxHealth, (_input, call) => usecases.sandboxHealth(call)),
  route(contracts.sandboxMonitoring, (_input, call) => usecases.sandboxMonitoring(call)),
  route(contracts.clearSandboxes, (_input, call) => usecases.clearSandboxes(call)),
  route(contracts.spawnSandbox, ({ body }, call) => usecases.spawnSandbox(call, body)),
];
