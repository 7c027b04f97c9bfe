import * as contracts from '../contracts/pull-requests.ts';
import * as reviewContracts from '../contracts/reviews.ts';
import { route } from '../http/define-route.ts';
import { provenance } from '../usecases/provenance.ts';
import * as usecases from '../usecases/pull-requests.ts';
import * as reviews from '../usecases/reviews.ts';

export const pullRequestRoutes = [
  route(contracts.listPullRequests, ({ query }, call) => usecases.listPullRequests(call, query)),
  route(contracts.getPullRequest, ({ params }, call) => usecases.getPullRequest(call, params.id)),
  route(contracts.pullRequestDiff, ({ params, query }, call) => usecases.pullRequestDiff(call, params.id, query)),
  route(contracts.mergePullRequest, ({ params, body }, call) => usecases.mergePullRequest(call, params.id, body)),
  route(contracts.requestPullRequestChanges, ({ params, body }, call) =>
    usecases.requestPullRequestChanges(call, params.id, body),
  ),
  route(reviewContracts.getReview, ({ params }, call) => reviews.getReview(call, params.id)),
  route(reviewContracts.markViewed, ({ params, body }, call) => reviews.markViewed(call, params.id, body)),
  route(reviewContracts.approvePullRequest, ({ params, body }, call) =>
    reviews.approvePullRequest(call, params.id, body),
  ),
  route(reviewContracts.pullRequestProvenance, ({ params, query }, call) => provenance(call, params.id, query.path)),
  route(contracts.closePullRequest, ({ params }, call) => usecases.closePullRequest(call, params.id)),
];
