import * as contracts from '../contracts/guardian.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/guardian.ts';

export const guardianRoutes = [
  route(contracts.guardianCancel, ({ body }, call) => usecases.guardianCancel(call, body)),
  route(contracts.guardianReallocate, ({ body }, call) => usecases.guardianReallocate(call, body)),
  route(contracts.guardianPriority, ({ body }, call) => usecases.guardianPriority(call, body)),
  route(contracts.listGuardianActions, ({ query }, call) => usecases.listGuardianActions(call, query)),
  route(contracts.getGuardianAction, ({ params }, call) => usecases.getGuardianAction(call, params.id)),
  route(contracts.revertGuardianAction, ({ params }, call) => usecases.revertGuardianAction(call, params.id)),
];
