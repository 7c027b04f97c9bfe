import { AppError } from '#workflows/domain/errors.ts';
import type { GateDecision } from '#workflows/domain/tasks/gates.ts';
import { columnOfStatus } from '#workflows/domain/tasks/columns.ts';
import {
  checkTicketMove,
  phaseOfStatus,
  ticketPath,
  unblockingStatuses,
} from '#workflows/domain/tasks/ticket-moves.ts';
import { checkMove } from '#workflows/domain/transitions.ts';
import type { Ticket } from '../generated/client.ts';
import { settleWorkflow } from './billing.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { writeGateResult } from './gates.ts';
import { lockProject, lockTicket } from './row-locks.ts';
import { pageFromOldest, type PageQuery } from './page.ts';

interface TicketMove {
  status: string;
  phase_id?: string;
  last_error?: string;
  /** Why it moves, where that is not an error. */
  reason?: string;
  forced?: boolean;
  unblocks?: boolean;
}

const unblocked = { is_blocked: false, blocked_reason: null, blocked_kind: null, blocked_actor: null };

/** Changes a ticket's status by its table and emits it. */
export function moveTicket(tx: Transaction, emit: Emit, ticket: Ticket, to: TicketMove, by: string): Promise<Ticket> {
  checkMove('ticket', ticket.status, to.status);
  return writeMove(tx, emit, ticket, to, by);
}

/** Takes back the end of a ticket that was cancelled with its pull request. */
export const reopenTicket = (tx: Transaction, emit: Emit, ticket: Ticket, by: string) =>
  writeMove(tx, emit, ticket, { status: 'building-done', phase_id: phaseOfStatus['building-done'] }, by);

async function writeMove(tx: Transaction, emit: Emit, ticket: Ticket, to: TicketMove, by: string): Promise<Ticket> {
  const goesOn = to.status === 'done' || ticket.status === 'cancelled';
  const ends = to.status === 'done' || to.status === 'cancelled';
  const unblocks = ticket.is_blocked && (ends || to.unblocks === true);
  const reason = to.reason ?? to.last_error ?? null;
  const row = await tx.ticket.update({
    where: { id: ticket.id },
    data: {
      status: to.status,
      phase_id: to.phase_id,
      last_error: goesOn ? null : to.last_error,
      updated_at: new Date(),
      ...(unblocks ? unblocked : {}),
      ...(ends ? { ended_at: new Date(), needs_review: false } : { ended_at: null }),
      ...(ends && ticket.approval_status === 'pending_review' ? { approval_status: 'rejected', approved_by: by } : {}),
    },
  });
  const event = {
    organization_id: ticket.organization_id,
    project_id: ticket.project_id,
    entity: { kind: 'ticket', id: ticket.id },
  };
  const { organization_id, id: ticket_id, key, spec_id } = ticket;
  const moved = {
    from_status: ticket.status,
    to_status: row.status,
    from_phase: ticket.phase_id,
    to_phase: row.phase_id,
    reason,
  };
  if (row.status !== ticket.status || row.phase_id !== ticket.phase_id) {
    await tx.ticketMove.create({
      data: { ...moved, organization_id, ticket_id, moved_by: by, forced: to.forced ?? false },
    });
    emit({
      ...event,
      type: 'ticket.status_changed',
      data: { ticket_id, key, spec_id, ...moved, initiated_by: by },
    });
  }
  if (unblocks) emit({ ...event, type: 'ticket.unblocked', data: { ticket_id, key, spec_id, by, reason } });
  if (row.ended_at && !row.spec_id) await settleWorkflow(tx, emit, { ...row, spec_id: null, ticket_id: row.id });
  return row;
}

/** Moves a ticket forward through every status up to `to`. One that has ended, or is past `to`, does not change. */
export async function advanceTicket(tx: Transaction, emit: Emit, from: Ticket, to: string, by: string) {
  let ticket = from;
  for (const status of ticketPath(ticket.status, to))
    ticket = await moveTicket(tx, emit, ticket, { status, phase_id: phaseOfStatus[status] }, by);
  return ticket;
}

export interface WantedMove {
  to_status: string;
  /** Default: the phase of the status. */
  to_phase?: string;
  reason?: string;
  /** Past the table; the end of a ticket stays final. */
  force?: boolean;
  by: string;
  /** So many tickets of the project are in these statuses at most. */
  room?: { column: string; statuses: string[]; limit: number };
  /** What the test of its work found. Each task that follows is told. */
  validation_feedback?: string;
  /** Statuses that it passes before. */
  via?: string[];
  /** The phase that it is in; another one is a conflict. */
  from_phase?: string;
  /** How the gate that it passes was judged. */
  gate?: GateDecision;
}

/**
 * Two callers never take the last place of a column: the lock of the project lasts until the transaction ends.
 * @throws invalid_rule when the column is full.
 */
async function requireRoom(tx: Transaction, ticket: Ticket, room: NonNullable<WantedMove['room']>): Promise<void> {
  const { column, statuses, limit } = room;
  if (statuses.includes(ticket.status)) return;
  await lockProject(tx, ticket.project_id);
  const count = await tx.ticket.count({
    where: { project_id: ticket.project_id, archived_at: null, status: { in: statuses } },
  });
  if (count >= limit)
    throw new AppError(
      'invalid_rule',
      `target_column_id: ${column} is full with ${count} of ${limit} tickets. Finish or move one of them, or raise its limit in the settings of the project.`,
      { column, count, limit },
    );
}

interface Block {
  kind: string;
  reason: string;
  by: string;
  /** What helps; part of the reason too. */
  remediation?: string;
}

const blockEvent = (ticket: Ticket) => ({
  organization_id: ticket.organization_id,
  project_id: ticket.project_id,
  entity: { kind: 'ticket' as const, id: ticket.id },
});

/** Writes a block. The block of the platform never replaces that of a person. */
export async function blockTicket(
  tx: Transaction,
  emit: Emit,
  ticket: Ticket,
  { kind, reason, by, remediation }: Block,
): Promise<{ ticket: Ticket; changed: boolean }> {
  const same = ticket.is_blocked && ticket.blocked_kind === kind && ticket.blocked_reason === reason;
  const byPerson = ticket.is_blocked && ticket.blocked_actor !== 'platform';
  if (same || (byPerson && by === 'platform')) return { ticket, changed: false };
  const data = {
    is_blocked: true,
    blocked_kind: kind,
    blocked_reason: reason,
    blocked_actor: by,
    updated_at: new Date(),
  };
  const row = await tx.ticket.update({ where: { id: ticket.id }, data });
  const { id: ticket_id, key, spec_id } = ticket;
  emit({
    ...blockEvent(ticket),
    type: 'ticket.blocked',
    data: {
      ticket_id,
      key,
      spec_id,
      kind,
      reason,
      by,
      priority: ticket.priority,
      suggested_remediation: remediation ?? null,
    },
  });
  return { ticket: row, changed: true };
}

export async function unblockTicket(
  tx: Transaction,
  emit: Emit,
  ticket: Ticket,
  { by, reason }: { by: string; reason?: string },
): Promise<Ticket> {
  const row = await tx.ticket.update({ where: { id: ticket.id }, data: { ...unblocked, updated_at: new Date() } });
  const { id: ticket_id, key, spec_id } = ticket;
  emit({
    ...blockEvent(ticket),
    type: 'ticket.unblocked',
    data: { ticket_id, key, spec_id, by, reason: reason ?? null },
  });
  return row;
}

/** What people do with a ticket on its way (PLAN-23). */
export const ticketMoves = (core: StoreCore) => ({
  /**
   * Moves a ticket to a status by its table. It takes a block away. A repeated call changes nothing.
   * @throws invalid_rule with the allowed statuses.
   */
  move: (organizationId: string, id: string, to: WantedMove): Promise<Ticket> =>
    core.change(async (tx, emit) => {
      const ticket = await lockTicket(tx, organizationId, id);
      const { validation_feedback } = to;
      const stays = ticket.status === to.to_status && (to.to_phase ?? ticket.phase_id) === ticket.phase_id;
      if (!stays && to.from_phase && to.from_phase !== ticket.phase_id)
        throw new AppError(
          'conflict',
          `to_phase: ${ticket.key} is in ${ticket.phase_id} by now, not in ${to.from_phase}. Look at it again, then repeat the call.`,
        );
      const path = stays ? [] : (to.via ?? []);
      const last = path.at(-1) ?? ticket.status;
      if (last !== to.to_status) checkTicketMove({ ...ticket, status: last }, to.to_status, to.force);
      if (to.room && !to.force && ticket.status !== to.to_status) await requireRoom(tx, ticket, to.room);
      if (!stays && to.gate) await writeGateResult(tx, emit, ticket, to.gate);
      let passed = ticket;
      for (const status of path) {
        checkTicketMove(passed, status, to.force);
        passed = await writeMove(
          tx,
          emit,
          passed,
          { status, phase_id: phaseOfStatus[status], reason: to.reason },
          to.by,
        );
      }
      if (!stays)
        await writeMove(
          tx,
          emit,
          passed,
          {
            status: to.to_status,
            phase_id: to.to_phase ?? phaseOfStatus[to.to_status],
            reason: to.reason,
            forced: to.force,
            unblocks: unblockingStatuses.includes(to.to_status),
          },
          to.by,
        );
      const [from_column, to_column] = [
        columnOfStatus(ticket.status)?.id ?? '',
        columnOfStatus(to.to_status)?.id ?? '',
      ];
      if (from_column !== to_column)
        emit({
          type: 'board.ticket_moved',
          organization_id: organizationId,
          project_id: ticket.project_id,
          entity: { kind: 'ticket', id },
          data: { ticket_id: id, key: ticket.key, spec_id: ticket.spec_id, from_column, to_column, by: to.by },
        });
      return tx.ticket.update({ where: { id }, data: { validation_feedback } });
    }),

  /**
   * Says that a ticket is blocked, and why.
   * @throws invalid_rule when the ticket has ended.
   */
  block: (organizationId: string, id: string, block: Block): Promise<{ ticket: Ticket; changed: boolean }> =>
    core.change(async (tx, emit) => {
      const ticket = await lockTicket(tx, organizationId, id);
      checkTicketMove(ticket, 'cancelled');
      return blockTicket(tx, emit, ticket, block);
    }),

  /** @param only takes away no other block than one by this actor. */
  unblock: (organizationId: string, id: string, by: string, reason?: string, only?: string): Promise<Ticket> =>
    core.change(async (tx, emit) => {
      const ticket = await lockTicket(tx, organizationId, id);
      if (!ticket.is_blocked || (only !== undefined && ticket.blocked_actor !== only)) return ticket;
      return unblockTicket(tx, emit, ticket, { by, reason });
    }),

  /** The moves of a ticket, the first one first. */
  moves: (organizationId: string, ticketId: string, page: PageQuery) =>
    core.read((db) =>
      pageFromOldest(page, (query) =>
        db.ticketMove.findMany({
          ...query,
          where: { AND: [{ organization_id: organizationId, ticket_id: ticketId }, query.where] },
        }),
      ),
    ),
});
