import { AppError } from '#workflows/domain/errors.ts';
import { launchSpec as launchContract } from '../contracts/specs.ts';
import type { Call } from '../http/context.ts';
import { contentHash, launchSpec } from './launch-spec.ts';
import { transitionTicket } from './ticket-life.ts';

/** Starts a spec from the words of a ticket that is to be planned, and links them (PLAN-01). Safe to repeat. */
export async function planTicket(call: Call, id: string) {
  const { services, organization_id, actor } = call;
  const { store } = services;
  const ticket = await store.tickets.get(organization_id, id);
  const refuse = (why: string) => new AppError('conflict', `${ticket.key} ${why}`);
  if (ticket.workflow_mode !== 'spec_driven')
    throw refuse(
      `is ${ticket.workflow_mode}: it has its task, and no plan. Create a spec_driven ticket, or launch a spec.`,
    );
  if (ticket.spec_id) throw refuse('belongs to a spec already.');
  if (ticket.status === 'pending_review') throw refuse('waits for its approval. Approve it first.');
  if (!['backlog', 'analyzing'].includes(ticket.status))
    throw refuse(`is ${ticket.status}: only a ticket in the backlog or in analysis is planned.`);
  const tasks = await store.tasks.ofTicket(id);
  if (tasks.length > 0) throw refuse(`has tasks: ${tasks.map(({ key }) => key).join(', ')}. Let them do its work.`);
  const { project_id, title, description } = ticket;
  const words = { project_id, title, description };
  // A call that was lost after the launch.
  const known = await store.specs.openByHash(project_id, contentHash(words));
  const { base_branch } = ticket;
  const body = { ...words, auto_execute: true, ...(base_branch ? { base_branch } : {}) };
  const spec_id =
    known?.id ??
    (await launchSpec(await call.through(launchContract, { body }), launchContract.body.parse(body))).spec_id;
  await store.specs.setLinks(organization_id, spec_id, [id], true, actor.email);
  if (ticket.status === 'backlog')
    await transitionTicket(call, id, { to_status: 'analyzing', reason: 'A spec plans it.', force: false });
  return { ticket_id: id, spec_id };
}
