import { blockageOf, progressingStatuses, type Blockage } from '#workflows/domain/tasks/blocking.ts';
import type { Ticket } from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { lockTicket } from './row-locks.ts';
import { blockTicket, unblockTicket } from './ticket-moves.ts';

export interface BlockingFound {
  /** Why the platform says that it is blocked; null: it is not, or a person has blocked it. */
  blockage: Blockage | null;
  /** Seconds without progress. */
  idle_seconds: number;
}

const platform = 'platform';

/** Finds tickets on which nothing happens (PLAN-24). */
export function ticketBlocking(core: StoreCore) {
  /** When something last happened on a ticket: a move, a task that came, began or ended, an answer of a model, a call. */
  async function lastProgress(tx: Transaction, ticket: Ticket): Promise<Date> {
    const [row] = await tx.$queryRaw<{ at: Date }[]>`
      SELECT greatest(
        ${ticket.created_at}::timestamptz,
        (SELECT max(created_at) FROM phase_history WHERE ticket_id = ${ticket.id}::uuid),
        (SELECT max(created_at) FROM ticket_comments WHERE ticket_id = ${ticket.id}::uuid),
        (
          SELECT max(greatest(created_at, started_at, ended_at, updated_at))
          FROM tasks
          WHERE ticket_id = ${ticket.id}::uuid
        ),
        (
          SELECT max(turns.ended_at)
          FROM turns
          JOIN runs ON runs.id = turns.run_id
          WHERE runs.task_id IN (SELECT id FROM tasks WHERE ticket_id = ${ticket.id}::uuid)
        )
      ) AS at`;
    return row?.at ?? ticket.created_at;
  }

  async function standing(tx: Transaction, ticket: Ticket) {
    const tasks = await tx.task.findMany({
      where: { ticket_id: ticket.id, status: { notIn: ['completed', 'cancelled'] } },
      orderBy: { number: 'asc' },
    });
    const [before, runs] = await Promise.all([
      tx.task.findMany({
        where: { id: { in: tasks.flatMap((task) => task.depends_on) }, status: { not: 'completed' } },
        select: { id: true, key: true },
      }),
      tx.run.findMany({
        where: { id: { in: tasks.flatMap(({ run_id: id }) => (id ? [id] : [])) } },
        select: { id: true, status: true, waiting_for: true, waiting_reason: true },
      }),
    ]);
    return {
      status: ticket.status,
      last_error: ticket.last_error,
      tasks: tasks.map((task) => ({
        ...{ key: task.key, status: task.status, error_message: task.error_message, waiting_for: task.waiting_for },
        waits_for: before.filter(({ id }) => task.depends_on.includes(id)).map(({ key }) => key),
        run: runs.find(({ id }) => id === task.run_id) ?? null,
      })),
    };
  }

  return {
    /**
     * Blocks a ticket on which nothing has happened for so long, with the reason, and takes the platform's block away once
     * something happens. A block by a person stays as it is. A repeated call changes nothing.
     */
    findBlocking: (
      organizationId: string,
      id: string,
      { after_seconds, now = new Date() }: { after_seconds: number; now?: Date },
    ): Promise<BlockingFound> =>
      core.change(async (tx, emit) => {
        const ticket = await lockTicket(tx, organizationId, id);
        const idle_seconds = Math.max(0, (now.getTime() - (await lastProgress(tx, ticket)).getTime()) / 1000);
        const byPlatform = ticket.is_blocked && ticket.blocked_actor === platform;
        const isStale = idle_seconds >= after_seconds && progressingStatuses.includes(ticket.status);
        const blockage = isStale ? (blockageOf(await standing(tx, ticket)) ?? null) : null;
        if (!blockage && byPlatform)
          await unblockTicket(tx, emit, ticket, { by: platform, reason: 'Something happens on it again.' });
        if (!blockage || (ticket.is_blocked && !byPlatform)) return { blockage: null, idle_seconds };
        const { kind, reason, remediation } = blockage;
        await blockTicket(tx, emit, ticket, { kind, reason: `${reason} ${remediation}`, by: platform, remediation });
        return { blockage, idle_seconds };
      }),
    /** Tickets of a project that should get on, the one that was created first first. */
    progressing: (organizationId: string, projectId: string, limit: number) =>
      core.read((db) =>
        db.ticket.findMany({
          where: {
            ...{ organization_id: organizationId, project_id: projectId, archived_at: null },
            status: { in: [...progressingStatuses] },
          },
          orderBy: { created_at: 'asc' },
          take: limit,
        }),
      ),
  };
}
