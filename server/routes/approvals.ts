import * as contracts from '../contracts/approvals.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/approvals.ts';

export const approvalRoutes = [
  route(contracts.approveTicket, ({ body }, call) => usecases.approveTicket(call, body.ticket_id, body.reason)),
  route(contracts.rejectTicket, ({ body }, call) => usecases.rejectTicket(call, body.ticket_id, body.rejection_reason)),
  route(contracts.pendingReviewCount, ({ query }, call) => usecases.pendingReviewCount(call, query.project_id)),
  route(contracts.approvalStatus, ({ query }, call) => usecases.approvalStatus(call, query.ticket_id)),
];
