import * as contracts from '../contracts/task-timeouts.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/task-timeouts.ts';

export const taskTimeoutRoutes = [
  route(contracts.bumpTask, ({ params }, call) => usecases.bumpTask(call, params.id)),
  route(contracts.timedOutTasks, ({ query }, call) => usecases.timedOutTasks(call, query)),
  route(contracts.cancellableTasks, ({ query }, call) => usecases.cancellableTasks(call, query)),
  route(contracts.timeoutStatus, ({ params }, call) => usecases.timeoutStatus(call, params.id)),
  route(contracts.setTimeoutOfTask, ({ params, body }, call) =>
    usecases.setTimeoutOfTask(call, params.id, body.timeout_seconds),
  ),
];
