import * as contracts from '../contracts/budgets.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/budgets.ts';

export const budgetRoutes = [
  route(contracts.listBudgets, ({ query }, call) => usecases.listBudgets(call, query)),
  route(contracts.setBudget, ({ body }, call) => usecases.setBudget(call, body)),
  route(contracts.raiseBudget, ({ body }, call) => usecases.raiseBudget(call, body)),
  route(contracts.checkBudget, ({ query }, call) => usecases.checkBudget(call, query)),
];
