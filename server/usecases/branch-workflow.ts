import { hostProject } from '#activities/ports/host-project.ts';
import { syncBase } from '#activities/ports/link-commits.ts';
import { openSpecBranch, openTicketBranch } from '#activities/ports/open-branch.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import { AppError, present } from '#workflows/domain/errors.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { openEarlyUpdate } from '#workflows/contracts/spec.ts';
import { nextStatuses, specRests } from '#workflows/domain/transitions.ts';
import type * as contracts from '../contracts/branch-workflow.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { mergePullRequest } from './pull-requests.ts';

const conflict = (message: string) => new AppError('conflict', message);

export async function startBranch(call: Call, ticketId: string) {
  const { services, organization_id } = call;
  const ticket = await services.store.tickets.get(organization_id, ticketId);
  if (nextStatuses('ticket', ticket.status).length === 0)
    throw conflict(`ticket_id: ${ticket.key} is ${ticket.status}, so nothing is made for it. Create a new ticket.`);
  if (ticket.spec_id && !ticket.branch)
    throw conflict(
      `ticket_id: ${ticket.key} belongs to a spec, which makes its branch from its own when the work on it starts.`,
    );
  const project = await services.store.projects.get(organization_id, ticket.project_id);
  const branch = await openTicketBranch(services, project, ticket, null);
  return { ticket_id: ticket.id, base: ticket.base_branch ?? project.default_branch, ...branch };
}

export async function createSpecBranch(call: Call, id: string) {
  const { services, organization_id } = call;
  const spec = await services.store.specs.get(organization_id, id);
  if (!spec.branch && nextStatuses('spec', spec.status).length === 0)
    throw conflict(`id: the spec is ${spec.status}, so no branch is made for it.`);
  const project = await services.store.projects.get(organization_id, spec.project_id);
  return { base: spec.base_branch ?? project.default_branch, ...(await openSpecBranch(services, project, spec)) };
}

/** The newest pull request that holds the work of a ticket: its own, or that of its spec. */
async function pullOf({ services, organization_id }: Call, ticket: Ticket): Promise<PullRequest | undefined> {
  const { store } = services;
  const [own] = (await store.pullRequests.list(organization_id, { ticket_id: ticket.id }, { limit: 1 })).items;
  if (own || !ticket.spec_id) return own;
  return (await store.pullRequests.list(organization_id, { spec_id: ticket.spec_id }, { limit: 1 })).items[0];
}

const shown = ({ id, number, url }: PullRequest) => ({ pull_request_id: id, number, url });

/** Why there is no pull request yet, and what brings it. */
async function whyNot({ services }: Call, subject: { spec_id: string } | { ticket: Ticket }): Promise<AppError> {
  const { store } = services;
  const tasks =
    'ticket' in subject ? await store.tasks.ofTicket(subject.ticket.id) : await store.tasks.ofSpec(subject.spec_id);
  const open = tasks.filter(({ status }) => !['completed', 'cancelled'].includes(status));
  const [first] = open;
  if (first)
    return conflict(
      `status: ${open.length} of ${tasks.length} tasks are not complete, first ${first.key}, which is ${first.status}. The pull request is opened when they are.${'spec_id' in subject ? ' To open it with the work that is there, send {"force": true}.' : ''}`,
    );
  if (!tasks.some(({ head_sha, base_sha }) => head_sha !== null && head_sha !== base_sha))
    return conflict('status: there are no commits yet, so there is nothing to open a pull request for. Add a task.');
  return conflict(
    'status: the work is complete, and its pull request is being opened. Ask again, or retry what failed.',
  );
}

export async function finishBranch(call: Call, ticketId: string) {
  const ticket = await call.services.store.tickets.get(call.organization_id, ticketId);
  const pull = await pullOf(call, ticket);
  if (!pull) throw await whyNot(call, ticket.spec_id ? { spec_id: ticket.spec_id } : { ticket });
  return { ...shown(pull), state: pull.state };
}

/** @param force opens it before the work is complete: the workflow of the spec then keeps it up to date. */
export async function createSpecPullRequest(call: Call, id: string, { force }: { force: boolean }) {
  const { store, workflows } = call.services;
  const answer = (pull: { pull_request_id: string; number: number; url: string }, exists: boolean) => ({
    success: true as const,
    pull_request_id: pull.pull_request_id,
    pr_number: pull.number,
    pr_url: pull.url,
    already_exists: exists,
  });
  const [pull] = (await store.pullRequests.list(call.organization_id, { spec_id: id }, { limit: 1 })).items;
  if (pull) return answer(shown(pull), true);
  const { status } = await store.specs.get(call.organization_id, id);
  if (!force || specRests(status)) throw await whyNot(call, { spec_id: id });
  return answer(await workflows.update(workflowId.spec(id), openEarlyUpdate, { actor: call.actor.email }), false);
}

export async function branchStatus(call: Call, ticketId: string) {
  const { services, organization_id } = call;
  const { store, repositories } = services;
  const ticket = await store.tickets.get(organization_id, ticketId);
  if (!ticket.branch)
    throw conflict(`ticket_id: ${ticket.key} has no branch yet. Make it with POST /branch-workflow/start.`);
  const project = await store.projects.get(organization_id, ticket.project_id);
  const base = await syncBase(services, project, ticket);
  const head = present(
    await repositories.resolve(project.id, `refs/heads/${ticket.branch}`),
    'the branch of the ticket',
  );
  const [{ ahead, behind }, related, pull] = await Promise.all([
    repositories.aheadBehind(project.id, base, head),
    repositories.mergeBase(project.id, base, head),
    pullOf(call, ticket),
  ]);
  const conflicts = related ? (await repositories.mergeTree(project.id, base, head)).conflicts : [];
  return {
    branch: ticket.branch,
    base: ticket.base_branch ?? project.default_branch,
    head_sha: head,
    ahead_by: ahead,
    behind_by: behind,
    has_conflicts: conflicts.length > 0,
    conflicts: [...new Set(conflicts.map(({ path }) => path))],
    pull_request: pull ? { ...shown(pull), state: pull.state } : null,
  };
}

export async function mergeBranch(call: Call, input: Body<typeof contracts.mergeBranch>) {
  const { services, organization_id } = call;
  const ticket = await services.store.tickets.get(organization_id, input.ticket_id);
  const pull = await pullOf(call, ticket);
  if (!pull) throw await whyNot(call, ticket.spec_id ? { spec_id: ticket.spec_id } : { ticket });
  const merged = await mergePullRequest(call, pull.id, { method: input.merge_method });
  const done = merged.merge_sha !== null;
  const branch_deleted = done && input.delete_branch_after && (await deleteBranch(call, pull));
  return { ...shown(pull), merge_sha: merged.merge_sha, waits_for: merged.merge?.waits_for ?? null, branch_deleted };
}

/** Deletes the branch of a merged pull request at the repository. @returns false where the repository refuses it. */
async function deleteBranch({ services, organization_id }: Call, pull: PullRequest): Promise<boolean> {
  const project = await services.store.projects.get(organization_id, pull.project_id);
  try {
    await services.repositories.deleteRemoteBranch(hostProject(project), pull.branch);
    return true;
  } catch (error) {
    services.log.warn({ pull_request_id: pull.id, error: String(error) }, 'the branch of a merged pull request stays');
    return false;
  }
}
