import * as contracts from '../contracts/validation.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/validation.ts';

export const validationRoutes = [
  route(contracts.giveReview, ({ body }, call) => usecases.giveReview(call, body)),
  route(contracts.spawnValidator, ({ body }, call) => usecases.spawnValidator(call, body.task_id)),
  route(contracts.sendFeedback, ({ body }, call) => usecases.sendFeedback(call, body)),
  route(contracts.validationStatus, ({ query }, call) => usecases.validationStatus(call, query.task_id)),
];
