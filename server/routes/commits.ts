import * as contracts from '../contracts/commits.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/commits.ts';

export const commitRoutes = [
  route(contracts.ticketCommits, ({ params, query }, call) =>
    usecases.listCommits(call, { ticket_id: params.id }, query),
  ),
  route(contracts.agentCommits, ({ params, query }, call) => usecases.listCommits(call, { run_id: params.id }, query)),
  route(contracts.linkCommit, ({ params, body }, call) => usecases.linkCommit(call, params.id, body.sha)),
  route(contracts.getCommit, ({ params, query }, call) => usecases.getCommit(call, params.sha, query.project_id)),
  route(contracts.commitHunks, ({ params, query }, call) => usecases.commitHunks(call, params.sha, query.project_id)),
  route(contracts.commitDiff, ({ params, query }, call) => usecases.commitDiff(call, params.sha, query)),
];
