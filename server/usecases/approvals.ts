import { decideTicket } from '#activities/ports/approve-ticket.ts';
import type { ApprovalDecision } from '#prisma/store/ticket-approvals.ts';
import { decideUpdate } from '#workflows/contracts/approval.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';
import { requireApprover } from './specs.ts';
import { iso, toTicketView } from './views.ts';

/** The workflow that waits decides. Where it has ended, the record says whether there is still something to decide. */
async function decide(call: Call, ticketId: string, decision: ApprovalDecision['decision'], reason?: string) {
  const { services, organization_id, actor } = call;
  const ticket = await services.store.tickets.get(organization_id, ticketId);
  await requireApprover(call, ticket);
  if (ticket.status !== 'pending_review')
    throw new AppError(
      'invalid_rule',
      `ticket_id: ${ticket.key} does not wait for approval: it is ${ticket.approval_status ?? ticket.status}.`,
      { approval_status: ticket.approval_status },
    );
  const approved = decision === 'approved';
  try {
    await services.workflows.update(workflowId.approval(ticketId), decideUpdate, {
      approved,
      reason,
      actor: actor.email,
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
    await decideTicket(services, organization_id, ticketId, { decision, reason, by: actor.email });
  }
}

export async function approveTicket(call: Call, id: string, reason?: string) {
  await decide(call, id, 'approved', reason);
  return toTicketView(await call.services.store.tickets.get(call.organization_id, id));
}

export async function rejectTicket(call: Call, id: string, reason: string) {
  await decide(call, id, 'rejected', reason);
  const left = await call.services.store.tickets.find(call.organization_id, id);
  return { ticket_id: id, approval_status: 'rejected' as const, deleted: left === null };
}

export const pendingReviewCount = async ({ services, organization_id }: Call, projectId?: string) => ({
  pending_count: await services.store.tickets.pendingReviews(organization_id, projectId),
});

export async function approvalStatus({ services, organization_id }: Call, id: string) {
  const ticket = await services.store.tickets.get(organization_id, id);
  return {
    ticket_id: id,
    approval_status: ticket.approval_status,
    approval_deadline_at: iso(ticket.approval_deadline_at),
    decided_by: ticket.approved_by,
    rejection_reason: ticket.rejection_reason,
  };
}
