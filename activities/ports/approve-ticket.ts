import type { ApprovalDecision } from '#prisma/store/ticket-approvals.ts';
import type { Project } from '#prisma/store/projects.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Services } from './services.ts';

/** Until when a new ticket of the project waits for its approval; undefined: it needs none. */
export function approvalDeadline({ config }: Pick<Services, 'config'>, { settings }: Project): Date | undefined {
  if (!settings.ticket_human_review) return undefined;
  const seconds = settings.approval_timeout_seconds ?? config.ticket.approval_timeout;
  return new Date(Date.now() + seconds * 1000);
}

interface Created {
  id: string;
  organization_id: string;
  project_id: string;
  approval_status: string | null;
  approval_deadline_at: Date | null;
}

/** Starts a stored ticket: its wait for approval, else its work. */
export async function startTicketOrApproval(
  { workflows }: Pick<Services, 'workflows'>,
  ticket: Created,
): Promise<void> {
  const { id: ticket_id, organization_id, project_id, approval_deadline_at } = ticket;
  if (ticket.approval_status === 'pending_review' && approval_deadline_at)
    await workflows.startApproval({
      ticket_id,
      organization_id,
      project_id,
      deadline_at: approval_deadline_at.toISOString(),
    });
  else await workflows.startTicket({ ticket_id, organization_id, project_id, spec_id: null });
}

/**
 * Decides about a ticket, and starts the work of an approved one. Safe to repeat.
 * @throws invalid_rule when it does not wait for a decision any more, payment_required.
 */
export async function decideTicket(
  { store, workflows }: Pick<Services, 'store' | 'workflows'>,
  organizationId: string,
  id: string,
  decision: Omit<ApprovalDecision, 'project_id' | 'remove'>,
): Promise<{ status: string }> {
  const known = await store.tickets.find(organizationId, id);
  // A repeated rejection finds the ticket deleted.
  if (!known) return { status: 'rejected' };
  const { settings } = await store.projects.get(organizationId, known.project_id);
  try {
    const ticket = await store.tickets.decide(organizationId, id, {
      ...decision,
      project_id: known.project_id,
      remove: settings.on_reject === 'delete',
    });
    const { project_id } = known;
    if (decision.decision === 'approved' && ticket.first_task)
      await workflows.startTicket({ ticket_id: id, organization_id: organizationId, project_id, spec_id: null });
    return { status: decision.decision };
  } catch (error) {
    // A person decided at the last moment, or cancelled the ticket.
    if (decision.decision !== 'timed_out' || !(error instanceof AppError) || error.code !== 'invalid_rule') throw error;
    return { status: (await store.tickets.find(organizationId, id))?.approval_status ?? 'rejected' };
  }
}
