import * as contracts from '../contracts/branch-workflow.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/branch-workflow.ts';

export const branchWorkflowRoutes = [
  route(contracts.startBranch, ({ body }, call) => usecases.startBranch(call, body.ticket_id)),
  route(contracts.finishBranch, ({ body }, call) => usecases.finishBranch(call, body.ticket_id)),
  route(contracts.mergeBranch, ({ body }, call) => usecases.mergeBranch(call, body)),
  route(contracts.branchStatus, ({ body }, call) => usecases.branchStatus(call, body.ticket_id)),
  route(contracts.createSpecBranch, ({ params }, call) => usecases.createSpecBranch(call, params.id)),
  route(contracts.createSpecPullRequest, ({ params, body }, call) =>
    usecases.createSpecPullRequest(call, params.id, body),
  ),
];
