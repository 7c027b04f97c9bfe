import * as contracts from '../contracts/billing.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/billing.ts';

export const billingRoutes = [
  route(contracts.billingConfig, async (_input, call) => usecases.billingConfig(call)),
  route(contracts.billingAccount, (_input, call) => usecases.billingAccount(call)),
  route(contracts.billingLedger, ({ query }, call) => usecases.billingLedger(call, query)),
  route(contracts.billingUsage, ({ query }, call) => usecases.billingUsage(call, query)),
  route(contracts.usageSummary, (_input, call) => usecases.usageSummary(call)),
  route(contracts.checkExecution, (_input, call) => usecases.checkExecution(call)),
];
