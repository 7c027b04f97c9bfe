import { termsOf } from './launch-spec.ts';
import { approvalDeadline, startTicketOrApproval } from '#activities/ports/approve-ticket.ts';
import { cancelTicketWork } from '#activities/ports/act-on-ticket.ts';
import { requireAbleModel, requireMoney, requireRunner } from '#activities/ports/require-workable.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { recheckSignal } from '#workflows/contracts/work.ts';
import { waitsForApproval } from '#workflows/domain/tasks/ticket-moves.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Embedded } from '#prisma/store/vector.ts';
import type * as contracts from '../contracts/tickets.ts';
import { workPhase } from '#workflows/domain/tasks/states.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { factsAt, namedBase } from './base-branch.ts';
import { chosenModel } from './chosen-model.ts';
import { requirePhase } from './phases.ts';
import { viewTicket, viewTickets } from './person-waits.ts';
import { retryingOf } from './retrying.ts';
import { anyOf, toPageView, toTicketView } from './views.ts';

export async function listTickets(call: Call, query: Query<typeof contracts.listTickets>) {
  const { services, organization_id } = call;
  const { project_id, spec_id, status, phase_id, priority, blocked, workflow_mode } = query;
  const is_blocked = blocked === undefined ? undefined : blocked === 'true';
  const page = await services.store.tickets.list(
    organization_id,
    { project_id, spec_id, status: anyOf(status), phase_id, priority, is_blocked, workflow_mode },
    query,
    query.search,
  );
  return { items: await viewTickets(call, page.items), next_cursor: page.next_cursor };
}

/** Open tickets of the project that say the same or nearly the same, the most similar first. @param own is left out. */
async function similarTickets(
  { services }: Call,
  projectId: string,
  input: { title: string; description: string; similarity_threshold?: number },
  embedded: Embedded | undefined,
  own?: string,
) {
  const threshold = input.similarity_threshold ?? services.config.dedup.ticket;
  const rows = await services.store.tickets.similar(
    projectId,
    input.title,
    input.description,
    embedded ? [embedded] : [],
    threshold,
  );
  const candidates = rows
    .filter((row) => row.id !== own)
    .map((row) => ({
      ticket_id: row.id,
      title: row.title,
      description: row.description,
      status: row.status,
      similarity_score: Number(row.similarity_score),
    }));
  return { candidates, highest_similarity: candidates[0]?.similarity_score ?? 0 };
}

/** Looks for similar tickets and creates nothing. */
export async function checkDuplicates(call: Call, input: Body<typeof contracts.checkDuplicates>) {
  const { organization_id } = call;
  const owner = { organization_id, project_id: input.project_id };
  const embedded = await call.services.embeddings.embedOne(`${input.title} ${input.description}`, owner);
  const found = await similarTickets(call, input.project_id, input, embedded);
  const [first] = found.candidates;
  return {
    is_duplicate: first !== undefined,
    message: first ? 'The project has similar open tickets.' : 'The project has no similar open ticket.',
    ...found,
  };
}

/** Creates a ticket. In quick mode it has one task, which starts at once. */
export async function createTicket(call: Call, input: Body<typeof contracts.createTicket>) {
  const id = call.newId('ticket');
  const { services, organization_id, actor } = call;
  if (input.phase_id !== undefined) await requirePhase(call, input.project_id, input.phase_id);
  const project = await services.store.projects.get(organization_id, input.project_id);
  const mode = input.workflow_mode ?? (project.settings.spec_driven_mode_enabled ? 'spec_driven' : 'quick');
  const quick = mode === 'quick';
  const model = chosenModel(services, input.model);
  if (quick) {
    requireRunner(services, project);
    await requireAbleModel(call, { kind: 'ticket', title: input.title, description: input.description });
    const phase = input.phase_id ?? workPhase;
    await requireMoney(call, { project_id: project.id, phase, budget_usd: input.budget_usd, model });
  }
  if (input.base_branch) await factsAt(services, project, input.base_branch);
  const owner = { organization_id, project_id: project.id };
  const embedded = await services.embeddings.embedOne(`${input.title} ${input.description}`, owner);
  // Outside of quick mode a ticket with the same content is most often a mistake.
  if ((input.check_duplicates ?? !quick) && !input.force_create) {
    const { candidates, highest_similarity } = await similarTickets(call, project.id, input, embedded, id);
    if (candidates.length > 0)
      return {
        is_duplicate: true as const,
        message:
          'The project has similar open tickets. Nothing was created; send force_create: true to create it anyway.',
        candidates,
        highest_similarity,
      };
  }
  const { ticket, task } = await services.store.tickets.create(
    {
      id,
      organization_id,
      project_id: project.id,
      user_id: actor.user_id || null,
      title: input.title,
      description: input.description,
      priority: input.priority,
      status: 'backlog',
      phase_id: input.phase_id ?? (quick ? workPhase : 'PHASE_BACKLOG'),
      workflow_mode: mode,
      model,
      base_branch: namedBase(project, input.base_branch),
      night: input.night && termsOf(input.night),
      embedded,
      approval_deadline_at: approvalDeadline(services, project),
      budget_micros: input.budget_usd === undefined ? undefined : Math.round(input.budget_usd * 1e6),
    },
    quick
      ? { task_type: 'implement_feature', criteria: input.criteria ?? [], execution_config: { force_execute: true } }
      : undefined,
  );
  if (quick || ticket.approval_status) await startTicketOrApproval(services, ticket);
  return { ...toTicketView(ticket), task_id: task?.id ?? null };
}

export async function getTicket(call: Call, id: string) {
  const { services, organization_id } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  return {
    ...(await viewTicket(call, ticket)),
    retrying: await retryingOf(services, workflowId.ticket(ticket.id), ticket),
  };
}

export async function cancelTicket({ services, organization_id, actor }: Call, id: string, reason: string | undefined) {
  const ticket = await services.store.tickets.get(organization_id, id);
  return cancelTicketWork(services, ticket, { reason, by: actor.email });
}

export async function ticketMerges(
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.ticketMerges>,
) {
  return toPageView(await services.store.merges.list(organization_id, { ticket_id: id }, page), (merge) => ({
    ...merge,
    created_at: merge.created_at.toISOString(),
    ended_at: merge.ended_at?.toISOString() ?? null,
  }));
}

/** @throws conflict when work that is added to the ticket could reach no branch any more. */
export async function requireOpenTicket({ services, organization_id }: Call, id: string): Promise<void> {
  const { store, workflows } = services;
  const ticket = await store.tickets.get(organization_id, id);
  const refuse = (reason: string, remedy = 'Create a new ticket for the work.') =>
    new AppError('conflict', `ticket_id: ${reason}, so it takes no more tasks. ${remedy}`);
  const subject = ticket.spec_id ? { spec_id: ticket.spec_id } : { ticket_id: id };
  const [pull] = (await store.pullRequests.list(organization_id, subject, { limit: 1 })).items;
  if (pull && pull.state !== 'open') throw refuse(`pull request #${pull.number} of ${ticket.key} is ${pull.state}`);
  if (ticket.status === 'pending_review') throw waitsForApproval(ticket.key);
  if (ticket.status === 'cancelled') throw refuse(`${ticket.key} is cancelled`);
  if (!ticket.spec_id || (await workflows.isRunning(workflowId.ticket(id)))) return;
  // The spec joins its tickets itself. Once it has joined this one, or has ended, it takes no more of its work.
  const spec = await store.specs.get(organization_id, ticket.spec_id);
  const remedy = pull
    ? `Request changes on pull request #${pull.number}, or create a new ticket for the work.`
    : undefined;
  if (['pr_created', 'completed', 'failed', 'cancelled'].includes(spec.status))
    throw refuse(`the spec of ${ticket.key} is ${spec.status}`, remedy);
  if (ticket.status === 'done') throw refuse(`the work of ${ticket.key} is joined into its spec`, remedy);
}

/**
 * Signals new work to the ticket's workflow and starts it where it does not run. It is a signal because a workflow
 * accepts at most ten updates at a time. The ticket of a spec is started by its spec alone.
 * A ticket of no spec is paid for with its first task.
 * @throws conflict when the spec ended meanwhile, payment_required; the task is cancelled then.
 */
export async function notifyTicket(
  { services, organization_id, actor }: Call,
  ticket: { id: string; project_id: string; spec_id: string | null },
  taskId: string,
): Promise<void> {
  const { workflows, store } = services;
  const recheck = (id: string) => workflows.signalIfRunning(id, recheckSignal, {});
  const cancel = (reason: string) =>
    store.tasks.move(organization_id, taskId, 'cancelled', { reason, by: actor.email });
  if (ticket.spec_id) {
    if (await recheck(workflowId.ticket(ticket.id))) return;
    if (await recheck(workflowId.spec(ticket.spec_id))) return;
    const reason = 'The spec of the ticket has ended.';
    await cancel(reason);
    throw new AppError('conflict', `ticket_id: ${reason} Create a new ticket for the work.`);
  }
  const { id, project_id } = ticket;
  await payForTicket({ services, organization_id }, ticket).catch(async (error) => {
    if (error instanceof AppError) await cancel(error.message);
    throw error;
  });
  const start = () => workflows.startTicket({ ticket_id: id, organization_id, project_id, spec_id: null });
  // A workflow that ended between the start and the signal has not seen the task.
  while ((await start()) === 'already_running') if (await recheck(workflowId.ticket(id))) return;
}

/** Pays for a ticket of no spec, once. @throws payment_required */
export async function payForTicket(
  { services, organization_id }: Pick<Call, 'services' | 'organization_id'>,
  { id, project_id, spec_id }: { id: string; project_id: string; spec_id: string | null },
): Promise<void> {
  if (spec_id) return;
  await services.store.billing.reserve({ organization_id, project_id, spec_id: null, ticket_id: id });
}

/** Signals a running ticket to check its tasks again. A ticket that does not run checks them when it starts. */
export const recheckTicket = ({ services }: Call, ticketId: string) =>
  services.workflows.signalIfRunning(workflowId.ticket(ticketId), recheckSignal, {});
