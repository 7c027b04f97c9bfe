import * as contracts from '../contracts/tasks.ts';
import * as history from '../contracts/history.ts';
import { route } from '../http/define-route.ts';
import { eventsOf } from '../usecases/events.ts';
import * as usecases from '../usecases/tasks.ts';

export const taskRoutes = [
  route(contracts.listTasks, ({ query }, call) => usecases.listTasks(call, query)),
  route(contracts.createTask, ({ body }, call) => usecases.createTask(call, body)),
  route(contracts.getTask, ({ params }, call) => usecases.getTask(call, params.id)),
  route(contracts.updateTask, ({ params, body }, call) => usecases.updateTask(call, params.id, body)),
  route(history.taskTimeline, ({ params, query }, call) => eventsOf(call, { kind: 'task', id: params.id }, query)),
  route(contracts.generateTitles, ({ body }, call) => usecases.generateTitles(call, body)),
  route(contracts.generateTitle, ({ params }, call) => usecases.generateTitle(call, params.id)),
  route(contracts.taskContext, ({ params }, call) => usecases.taskContext(call, params.id)),
  route(contracts.cancelTask, ({ params, body }, call) => usecases.cancelTask(call, params.id, body.reason)),
  route(contracts.failTask, ({ params, body }, call) => usecases.failTask(call, params.id, body.reason)),
  route(contracts.retryTask, ({ params }, call) => usecases.retryTask(call, params.id)),
  route(contracts.getDependencies, ({ params }, call) => usecases.getDependencies(call, params.id)),
  route(contracts.setDependencies, ({ params, body }, call) =>
    usecases.changeDependencies(call, params.id, () => body.depends_on),
  ),
  route(contracts.addDependencies, ({ params, body }, call) =>
    usecases.changeDependencies(call, params.id, (now) => [...now, ...body.depends_on]),
  ),
  route(contracts.removeDependency, ({ params }, call) =>
    usecases.changeDependencies(call, params.id, (now) => now.filter((id) => id !== params.dependency)),
  ),
  route(contracts.checkCircular, ({ params, body }, call) => usecases.checkCircular(call, params.id, body.depends_on)),
  route(contracts.taskReviews, ({ params, query }, call) => usecases.taskReviews(call, params.id, query)),
];
