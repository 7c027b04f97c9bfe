import * as contracts from '../contracts/pull-requests.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/pull-requests.ts';

export const pullRequestRoutes = [
  route(contracts.listPullRequests, ({ query }, call) => usecases.listPullRequests(call, query)),
  route(contracts.getPullRequest, ({ params }, call) => usecases.getPullRequest(call, params.id)),
  route(contracts.pullRequestDiff, ({ params }, call) => usecases.pullRequestDiff(call, params.id)),
  route(contracts.mergePullRequest, ({ params, body }, call) => usecases.mergePullRequest(call, params.id, body)),
  route(contracts.requestPullRequestChanges, ({ params, body }, call) =>
    usecases.requestPullRequestChanges(call, params.id, body.comments),
  ),
  route(contracts.closePullRequest, ({ params }, call) => usecases.closePullRequest(call, params.id)),
];
