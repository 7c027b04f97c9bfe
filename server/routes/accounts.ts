import * as contracts from '../contracts/accounts.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/accounts.ts';

export const accountRoutes = [
  route(contracts.listUsers, ({ query }, call) => usecases.listUsers(call, query)),
  route(contracts.deactivateUser, ({ params, body }, call) => usecases.deactivateUser(call, params.id, body)),
  route(contracts.activateUser, ({ params, body }, call) => usecases.activateUser(call, params.id, body)),
];
