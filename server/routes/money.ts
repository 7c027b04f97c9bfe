import * as contracts from '../contracts/money.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/money.ts';

export const moneyRoutes = [
  route(contracts.costRecords, ({ query }, call) => usecases.costRecords(call, query)),
  route(contracts.costSummary, ({ query }, call) => usecases.costSummary(call, query)),
  route(contracts.checkBudget, ({ query }, call) => usecases.checkBudget(call, query)),
  route(contracts.listBudgets, (_input, call) => usecases.listBudgets(call)),
  route(contracts.setBudget, ({ body }, call) => usecases.setBudget(call, body)),
  route(contracts.report, ({ query }, call) => usecases.report(call, query)),
];
