import type { z } from 'zod';
import { wakeQueues } from '#activities/ports/wake-queues.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import type { WantedMove } from '#prisma/store/ticket-moves.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Update } from '#workflows/contracts/message.ts';
import { blockUpdate, moveUpdate, unblockUpdate } from '#workflows/contracts/work.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import { allowedMoves, checkTicketMove, holdsTasks } from '#workflows/domain/tasks/ticket-moves.ts';
import { nextStatuses } from '#workflows/domain/transitions.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/ticket-life.ts';
import type { Call } from '../http/context.ts';
import { requireOwnGate } from './gates.ts';
import { viewTicket } from './person-waits.ts';
import { requireSafetyRight } from './safety.ts';
import { roomOf } from './wip-limits.ts';
import { cancelTicket } from './tickets.ts';
import { at, toPageView } from './views.ts';

/** Sends an update to the workflow of a ticket. @returns false where none runs, or the record refuses it. */
async function sent<S extends z.ZodType, A extends z.ZodType>(
  { services }: Call,
  ticketId: string,
  update: Update<S, A>,
  input: z.input<S>,
): Promise<boolean> {
  try {
    await services.workflows.update(workflowId.ticket(ticketId), update, input);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return false;
    throw error;
  }
}

const refuse = (message: string) => new AppError('invalid_rule', `to_status: ${message}`);

/** @throws invalid_rule while the work of a ticket is under way: its end belongs to its workflow, pull request or spec. */
async function requireEnded({ services, organization_id }: Call, ticket: Ticket): Promise<void> {
  const { store, workflows } = services;
  const open = (await store.tasks.ofTicket(ticket.id)).filter(({ status }) => !finishedTask(status));
  if (open.length > 0)
    throw refuse(
      `${ticket.key} has open tasks: ${open.map(({ key }) => key).join(', ')}. Let them end, or cancel them.`,
    );
  if (await workflows.isRunning(workflowId.ticket(ticket.id)))
    throw refuse(`the work of ${ticket.key} is under way. It ends with its pull request; cancel it to end it now.`);
  const [pull] = (await store.pullRequests.list(organization_id, { ticket_id: ticket.id }, { limit: 1 })).items;
  if (pull?.state === 'open') throw refuse(`pull request #${pull.number} of ${ticket.key} is open. Merge or close it.`);
  if (!ticket.spec_id) return;
  const spec = await store.specs.get(organization_id, ticket.spec_id);
  if (nextStatuses('spec', spec.status).length > 0)
    throw refuse(`${ticket.key} belongs to a spec that is ${spec.status}: the spec joins its work and ends it.`);
}

/** Moves a ticket as a person wants it: by its workflow where one runs, else in its record. */
export async function moveTicket(call: Call, ticket: Ticket, to: Omit<WantedMove, 'by'>): Promise<Ticket> {
  const { services, organization_id, actor } = call;
  if (to.force) requireSafetyRight(call, ['force']);
  const last = to.via?.at(-1) ?? ticket.status;
  if (last !== to.to_status) checkTicketMove({ ...ticket, status: last }, to.to_status, to.force);
  if (!to.from_phase && !to.force) await requireOwnGate(call, ticket, to.to_status);
  if (to.to_status === 'done' && ticket.status !== 'done') await requireEnded(call, ticket);
  const room = roomOf(call, await services.store.projects.get(organization_id, ticket.project_id), to.to_status);
  if (!(await sent(call, ticket.id, moveUpdate, { ...to, room, actor: actor.email })))
    await services.store.tickets.move(organization_id, ticket.id, { ...to, room, by: actor.email });
  if (holdsTasks(ticket) || to.to_status === 'done') await wakeQueues(services, [ticket.project_id]);
  return services.store.tickets.get(organization_id, ticket.id);
}

export async function transitionTicket(call: Call, id: string, to: Body<typeof contracts.transitionTicket>) {
  const { store } = call.services;
  const ticket = await store.tickets.get(call.organization_id, id);
  if (to.to_status !== 'cancelled') return viewTicket(call, await moveTicket(call, ticket, to));
  checkTicketMove(ticket, to.to_status);
  await cancelTicket(call, id, to.reason);
  return viewTicket(call, await store.tickets.get(call.organization_id, id));
}

export async function updateTicket(call: Call, id: string, input: Body<typeof contracts.updateTicket>) {
  const { services, organization_id } = call;
  const { status, ...fields } = input;
  const ticket = await services.store.tickets.get(organization_id, id);
  if (status !== undefined && status !== ticket.status)
    await transitionTicket(call, id, { to_status: status, force: false });
  return viewTicket(call, await services.store.tickets.patch(organization_id, id, fields));
}

export async function regressTicket(
  call: Call,
  id: string,
  { validation_feedback, reason = 'Its test found what has to change.' }: Body<typeof contracts.regressTicket>,
) {
  const ticket = await call.services.store.tickets.get(call.organization_id, id);
  if (ticket.status === 'building')
    throw refuse(`${ticket.key} is at building already. Add a task that says what has to change.`);
  checkTicketMove(ticket, 'building');
  if (!['building-done', 'testing'].includes(ticket.status))
    throw refuse(
      `${ticket.key} is ${ticket.status}: only a built ticket goes back. It may become ${allowedMoves(ticket).join(', ')}.`,
    );
  return viewTicket(call, await moveTicket(call, ticket, { to_status: 'building', validation_feedback, reason }));
}

export async function blockTicket(
  call: Call,
  id: string,
  { reason, blocker_type: kind }: Body<typeof contracts.blockTicket>,
) {
  const { services, organization_id, actor } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  if (nextStatuses('ticket', ticket.status).length === 0)
    throw new AppError('invalid_rule', `${ticket.key} is ${ticket.status}: there is nothing to block.`);
  if (!(await sent(call, id, blockUpdate, { reason, kind, actor: actor.email })))
    await services.store.tickets.block(organization_id, id, { reason, kind, by: actor.email });
  return viewTicket(call, await services.store.tickets.get(organization_id, id));
}

export async function unblockTicket(call: Call, id: string, { reason }: Body<typeof contracts.unblockTicket>) {
  const { services, organization_id, actor } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  if (!ticket.is_blocked) throw new AppError('invalid_rule', `${ticket.key} is not blocked.`);
  if (!(await sent(call, id, unblockUpdate, { reason, actor: actor.email })))
    await services.store.tickets.unblock(organization_id, id, actor.email, reason);
  await wakeQueues(services, [ticket.project_id]);
  return viewTicket(call, await services.store.tickets.get(organization_id, id));
}

/** Most tickets that one call looks at. */
const mostLooked = 500;

export async function detectBlocking(
  { services, organization_id }: Call,
  { project_id, after_seconds = services.config.ticket.blocked_after }: Body<typeof contracts.detectBlocking>,
) {
  const { tickets } = services.store;
  const looked = await tickets.progressing(organization_id, project_id, mostLooked);
  const blocked = [];
  for (const { id, key } of looked) {
    const { blockage, idle_seconds } = await tickets.findBlocking(organization_id, id, { after_seconds });
    if (!blockage) continue;
    const { kind: blocker_type, reason, remediation: suggested_remediation } = blockage;
    blocked.push({
      ...{ ticket_id: id, key, blocker_type, reason, suggested_remediation },
      idle_seconds: Math.floor(idle_seconds),
    });
  }
  return { looked_at: looked.length, blocked };
}

export async function ticketHistory(
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.ticketHistory>,
) {
  return toPageView(
    await services.store.tickets.moves(organization_id, id, page),
    ({ moved_by: by, created_at, organization_id: _organization, ticket_id: _ticket, ...move }) => ({
      ...move,
      by,
      at: at(created_at),
    }),
  );
}
