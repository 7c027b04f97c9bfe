import { AppError } from '#workflows/domain/errors.ts';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import { workPhase } from '#workflows/domain/tasks/states.ts';
import type { Ticket } from '../generated/client.ts';
import { orRecordBlocked, reserveWorkflow } from './billing.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import type { Task } from './json.ts';
import { insertTask, type NewTask } from './tasks.ts';
import { lockTicket } from './row-locks.ts';
import { moveTicket } from './ticket-moves.ts';

export interface ApprovalDecision {
  decision: 'approved' | 'rejected' | 'timed_out';
  by: string;
  reason?: string;
  project_id: string;
  /** A rejected ticket is deleted. */
  remove?: boolean;
}

/** The first task of a ticket, as it is kept until the ticket is approved. */
type FirstTask = Pick<NewTask, 'task_type' | 'criteria' | 'execution_config'> & { title?: string };

/** Approvals of tickets before their work (PLAN-27). */
export function ticketApprovals(core: StoreCore, billing: BillingRules) {
  async function begin(tx: Transaction, emit: Emit, ticket: Ticket): Promise<Task | null> {
    const first = ticket.first_task as FirstTask | null;
    if (!first) return null;
    const { organization_id, project_id, id: ticket_id, spec_id } = ticket;
    if (!spec_id) await reserveWorkflow(tx, { organization_id, project_id, spec_id: null, ticket_id }, billing);
    const { title = ticket.title, ...task } = first;
    const { description, priority } = ticket;
    return insertTask(tx, emit, {
      ...{ organization_id, project_id, ticket_id, spec_id, title, description, priority },
      phase_id: ticket.phase_id === 'PHASE_BACKLOG' ? workPhase : ticket.phase_id,
      ...task,
    });
  }

  return {
    /**
     * Decides about a ticket that waits for its approval. Approved, it gets its first task in the same step. The same
     * decision again changes nothing.
     * @throws invalid_rule when it does not wait for a decision any more, payment_required.
     */
    decide: (organizationId: string, id: string, { project_id, decision, by, reason, remove }: ApprovalDecision) =>
      orRecordBlocked(core, { organization_id: organizationId, project_id, spec_id: null, ticket_id: id }, () =>
        core.change(async (tx, emit): Promise<Ticket> => {
          const ticket = await lockTicket(tx, organizationId, id);
          if (ticket.approval_status === decision && ticket.approved_by === by) return ticket;
          if (ticket.status !== 'pending_review')
            throw new AppError(
              'invalid_rule',
              `ticket_id: ${ticket.key} does not wait for approval: it is ${ticket.approval_status ?? ticket.status}.`,
              { approval_status: ticket.approval_status },
            );
          const approved = decision === 'approved';
          const why = reason ?? (decision === 'timed_out' ? 'Nobody approved it in time.' : undefined);
          const moved = await moveTicket(
            tx,
            emit,
            ticket,
            approved
              ? { status: 'backlog', reason: why }
              : { status: 'cancelled', last_error: why ?? 'It was rejected.' },
            by,
          );
          const row = await tx.ticket.update({
            where: { id },
            data: {
              approval_status: decision,
              approved_by: by,
              rejection_reason: approved ? null : (why ?? null),
            },
          });
          emit({
            type: (
              { approved: 'ticket.approved', rejected: 'ticket.rejected', timed_out: 'ticket.timed_out' } as const
            )[decision],
            organization_id: organizationId,
            project_id: ticket.project_id,
            entity: { kind: 'ticket', id },
            data: {
              ticket_id: id,
              key: ticket.key,
              title: ticket.title,
              spec_id: ticket.spec_id,
              by,
              reason: why ?? null,
              deleted: remove === true && decision === 'rejected',
            },
          });
          if (approved) await begin(tx, emit, moved);
          else if (remove && decision === 'rejected') await tx.ticket.delete({ where: { id } });
          return row;
        }),
      ),

    /** The number of tickets that wait for their approval. */
    pendingReviews: (organizationId: string, projectId?: string) =>
      core.read((db) =>
        db.ticket.count({
          where: { organization_id: organizationId, project_id: projectId, status: 'pending_review' },
        }),
      ),
    /** Tickets of all organizations that wait for their approval, created since that time. */
    awaitingApproval: (since: Date) =>
      core.read((db) =>
        db.ticket.findMany({
          where: { status: 'pending_review', created_at: { gt: since } },
          select: { id: true, organization_id: true, project_id: true, approval_deadline_at: true },
          take: 200,
        }),
      ),
  };
}
