import * as contracts from '../contracts/watchdog.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/watchdog.ts';

export const watchdogRoutes = [
  route(contracts.monitorStatus, ({ query }, call) => usecases.monitorStatus(call, query)),
  route(contracts.watchdogPolicyList, () => usecases.watchdogPolicyList()),
  route(contracts.remediationHistory, ({ query }, call) => usecases.remediationHistory(call, query)),
  route(contracts.executeRemediation, ({ body }, call) => usecases.executeRemediation(call, body)),
];
