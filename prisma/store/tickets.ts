import { createHash, randomUUID } from 'node:crypto';
import { comparable } from '#workflows/domain/comparable-text.ts';
import type { NightTerms } from '#workflows/domain/agent/night-terms.ts';
import type { Criterion } from '#workflows/domain/agent/opening.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { waitsForApproval } from '#workflows/domain/tasks/ticket-moves.ts';
import { nextStatuses } from '#workflows/domain/transitions.ts';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import { orRecordBlocked, reserveWorkflow } from './billing.ts';
import { setFirstBudget, type AlertThresholds } from './budgets.ts';
import { asJson, asJsonIfGiven, taskRow, type ExecutionConfig } from './json.ts';
import { countByStatus, pageOf, titleOrKey, type PageQuery } from './page.ts';
import type { StoreCore, Transaction } from './core.ts';
import { lockTicket } from './row-locks.ts';
import { advanceTicket } from './ticket-moves.ts';
import { comparedWith, setVector, type Embedded } from './vector.ts';

export type { Ticket } from '../generated/client.ts';

export interface Similar {
  id: string;
  key: string;
  title: string;
  description: string;
  status: string;
  similarity_score: number;
}

export const contentHash = (title: string, description: string) =>
  createHash('sha256').update(comparable(title, description)).digest('hex');

/** Takes the next number of a kind in the project. */
export async function nextNumber(
  tx: Transaction,
  projectId: string,
  column: 'ticket_count' | 'task_count' | 'pull_request_count' | 'lock_count',
): Promise<number> {
  const project = await tx.project.update({ where: { id: projectId }, data: { [column]: { increment: 1 } } });
  return project[column];
}

/**
 * Locks the ticket of a new task, so that the ticket cannot end before the task is stored.
 * @throws conflict when the ticket has ended, unless the task is there already: nothing would ever start it.
 */
export async function requireOpen(tx: Transaction, ticketId: string, taskId?: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM tickets WHERE id = ${ticketId}::uuid FOR UPDATE`;
  const ticket = await tx.ticket.findUnique({ where: { id: ticketId } });
  if (ticket?.status === 'pending_review') throw waitsForApproval(ticket.key);
  if (!ticket || nextStatuses('ticket', ticket.status).length > 0) return;
  if (taskId && (await tx.task.findUnique({ where: { id: taskId } }))) return;
  throw new AppError(
    'conflict',
    `ticket_id: ${ticket.key} is ${ticket.status}, so it takes no more tasks. Create a new ticket for the work.`,
  );
}

export function ticketsStore(core: StoreCore, thresholds: AlertThresholds, billing: BillingRules) {
  const find = async (tx: Transaction, organizationId: string, id: string) => {
    const ticket = await tx.ticket.findFirst({ where: { id, organization_id: organizationId } });
    if (!ticket) throw notFound('ticket');
    return ticket;
  };

  return {
    /** Takes the end of the night from a ticket that goes on. */
    liftStop: (organizationId: string, id: string) =>
      core.change(
        (tx) => tx.$executeRaw`
          UPDATE tickets SET night = night - 'stop_at'
          WHERE id = ${id}::uuid AND organization_id = ${organizationId}::uuid`,
      ),
    /**
     * Creates a ticket, with a first task if given, in one transaction. The same id gives the same ticket. A ticket that
     * starts with its task is paid for in the same step.
     * @throws payment_required
     */
    create: (
      input: {
        id?: string;
        organization_id: string;
        project_id: string;
        user_id: string | null;
        title: string;
        description: string;
        priority: string;
        phase_id: string;
        status: string;
        workflow_mode: string;
        spec_id?: string | null;
        is_blocked?: boolean;
        blocked_reason?: string;
        model?: string;
        base_branch?: string;
        night?: NightTerms;
        context?: object;
        embedded?: Embedded;
        /** Until then it waits for its approval: its first task is created with that. */
        approval_deadline_at?: Date;
        /** The budget of the ticket, from its beginning. */
        budget_micros?: number;
      },
      task?: { title?: string; task_type: string; criteria: Criterion[]; execution_config: ExecutionConfig },
    ) => {
      const { embedded, id = randomUUID(), budget_micros: budget, ...fields } = input;
      const work = { ...fields, spec_id: null, ticket_id: id };
      return orRecordBlocked(core, work, () =>
        core.change(async (tx, emit) => {
          const known = input.id ? await tx.ticket.findUnique({ where: { id } }) : null;
          if (known) {
            const first = await tx.task.findFirst({ where: { ticket_id: id }, orderBy: { number: 'asc' } });
            return { ticket: known, task: first && taskRow(first) };
          }
          const number = await nextNumber(tx, input.project_id, 'ticket_count');
          const ticket = await tx.ticket.create({
            data: {
              ...fields,
              night: asJsonIfGiven(fields.night),
              id,
              number,
              key: `TKT-${number}`,
              content_hash: contentHash(input.title, input.description),
              ...(input.approval_deadline_at
                ? { status: 'pending_review', approval_status: 'pending_review', first_task: asJsonIfGiven(task) }
                : {}),
            },
          });
          await setFirstBudget(tx, emit, { ...ticket, type: 'ticket' }, budget, thresholds);
          if (embedded) await setVector(tx, 'tickets', ticket.id, embedded);
          emit({
            type: 'ticket.created',
            organization_id: ticket.organization_id,
            project_id: ticket.project_id,
            entity: { kind: 'ticket', id: ticket.id },
            data: {
              ticket_id: ticket.id,
              key: ticket.key,
              title: ticket.title,
              priority: ticket.priority,
              phase_id: ticket.phase_id,
            },
          });
          if (input.approval_deadline_at)
            emit({
              type: 'ticket.approval_pending',
              organization_id: ticket.organization_id,
              project_id: ticket.project_id,
              entity: { kind: 'ticket', id: ticket.id },
              data: {
                ticket_id: ticket.id,
                key: ticket.key,
                title: ticket.title,
                deadline_at: input.approval_deadline_at.toISOString(),
              },
            });
          if (!task || input.approval_deadline_at) return { ticket, task: null };
          if (!ticket.spec_id) await reserveWorkflow(tx, work, billing);
          const taskNumber = await nextNumber(tx, input.project_id, 'task_count');
          const row = await tx.task.create({
            data: {
              task_type: task.task_type,
              criteria: asJson(task.criteria),
              execution_config: asJson(task.execution_config),
              id: randomUUID(),
              organization_id: ticket.organization_id,
              project_id: ticket.project_id,
              ticket_id: ticket.id,
              spec_id: ticket.spec_id,
              number: taskNumber,
              key: `TSK-${taskNumber}`,
              title: task.title ?? ticket.title,
              description: ticket.description,
              phase_id: ticket.phase_id,
              priority: ticket.priority,
              content_hash: ticket.content_hash,
            },
          });
          emit({
            type: 'task.created',
            organization_id: ticket.organization_id,
            project_id: ticket.project_id,
            entity: { kind: 'task', id: row.id },
            data: {
              task_id: row.id,
              key: row.key,
              ticket_id: ticket.id,
              phase_id: row.phase_id,
              task_type: row.task_type,
              status: row.status,
              priority: row.priority,
              title: row.title,
            },
          });
          return { ticket, task: taskRow(row) };
        }),
      );
    },

    get: (organizationId: string, id: string) =>
      core.read((db) => db.$transaction((tx) => find(tx, organizationId, id))),
    find: (organizationId: string, id: string) =>
      core.read((db) => db.ticket.findFirst({ where: { id, organization_id: organizationId } })),
    list: (
      organizationId: string,
      filter: {
        project_id?: string;
        spec_id?: string;
        status?: string | { in: string[] };
        phase_id?: string;
        priority?: string | { in: string[] };
        is_blocked?: boolean;
        workflow_mode?: string;
      },
      page: PageQuery,
      search?: string,
    ) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.ticket.findMany({
            ...query,
            where: {
              AND: [{ organization_id: organizationId, archived_at: null, ...filter }, titleOrKey(search), query.where],
            },
          }),
        ),
      ),
    countByStatus: countByStatus(core, 'ticket'),
    /** Tickets without a spec, of all organizations, created since that time, with a pending task and not started. */
    notStarted: (since: Date) =>
      core.read(
        (db) => db.$queryRaw<{ id: string; organization_id: string; project_id: string }[]>`
        SELECT id, organization_id, project_id
        FROM tickets
        WHERE spec_id IS NULL AND branch IS NULL AND status = 'backlog'
          AND created_at > ${since}
          AND EXISTS (SELECT 1 FROM tasks WHERE ticket_id = tickets.id AND tasks.status = 'pending')
        LIMIT 200`,
      ),
    ofSpec: (specId: string) =>
      core.read((db) => db.ticket.findMany({ where: { spec_id: specId }, orderBy: { number: 'asc' } })),

    /**
     * Completes the ticket of a spec, unless a task was added to it meanwhile: no task is added after that.
     * @returns false when it has tasks that have not ended; it does not change then.
     */
    complete: (organizationId: string, id: string, by: string): Promise<boolean> =>
      core.change(async (tx, emit) => {
        const ticket = await lockTicket(tx, organizationId, id);
        const ended = ['completed', 'cancelled'];
        const open = await tx.task.findFirst({ where: { ticket_id: id, status: { notIn: ended } } });
        if (open && nextStatuses('ticket', ticket.status).length > 0) return false;
        await advanceTicket(tx, emit, ticket, 'done', by);
        return true;
      }),

    /**
     * Moves a ticket forward through every status up to `to`, for work that completes several of them at once.
     * A ticket that has ended, or is past `to`, does not change.
     */
    advance: (organizationId: string, id: string, to: 'building' | 'building-done' | 'done', by: string) =>
      core.change(async (tx, emit) => advanceTicket(tx, emit, await lockTicket(tx, organizationId, id), to, by)),

    patch: (
      organizationId: string,
      id: string,
      data: {
        title?: string;
        description?: string;
        branch?: string;
        base_sha?: string;
        head_sha?: string;
        last_error?: string | null;
        needs_review?: boolean;
        is_blocked?: boolean;
        blocked_reason?: string | null;
        priority?: string;
        validation_feedback?: string | null;
      },
    ) =>
      core.change(async (tx, emit) => {
        const ticket = await find(tx, organizationId, id);
        // Its vector is made again from the new words.
        const reworded = data.title !== undefined || data.description !== undefined ? { embedded_by: null } : {};
        const row = await tx.ticket.update({ where: { id }, data: { ...data, ...reworded, updated_at: new Date() } });
        const shown =
          row.title !== ticket.title ||
          row.description !== ticket.description ||
          row.is_blocked !== ticket.is_blocked ||
          row.priority !== ticket.priority ||
          (ticket.needs_review && !row.needs_review);
        if (shown)
          emit({
            type: 'ticket.updated',
            organization_id: organizationId,
            project_id: row.project_id,
            entity: { kind: 'ticket', id },
            data: { ticket_id: id, title: row.title, is_blocked: row.is_blocked, blocked_reason: row.blocked_reason },
          });
        if (row.needs_review && !ticket.needs_review)
          emit({
            type: 'ticket.review_needed',
            organization_id: organizationId,
            project_id: row.project_id,
            entity: { kind: 'ticket', id },
            data: { ticket_id: id, key: row.key, reason: row.last_error },
          });
        return row;
      }),

    /** Open tickets of the project with similar content, the most similar first. */
    similar: (projectId: string, title: string, description: string, asked: Embedded[], threshold: number) =>
      core.read((db) =>
        db.$transaction(async (tx) => {
          const { distance, comparable } = comparedWith(asked);
          // The index scan continues until it has found enough rows of this project.
          await tx.$executeRaw`SET LOCAL hnsw.iterative_scan = strict_order`;
          return tx.$queryRaw<Similar[]>`
            WITH near AS MATERIALIZED (
              SELECT id, 1 - ${distance} AS similarity_score
              FROM tickets
              WHERE project_id = ${projectId}::uuid AND status NOT IN ('done', 'cancelled') AND archived_at IS NULL
                AND ${comparable}
              ORDER BY ${distance}
              LIMIT 5
            ),
            same AS (
              SELECT id, 1.0 AS similarity_score
              FROM tickets
              WHERE project_id = ${projectId}::uuid AND status NOT IN ('done', 'cancelled') AND archived_at IS NULL
                AND content_hash = ${contentHash(title, description)}
              LIMIT 5
            )
            SELECT t.id, t.key, t.title, t.description, t.status, max(found.similarity_score) AS similarity_score
            FROM (SELECT * FROM near UNION ALL SELECT * FROM same) found
            JOIN tickets t USING (id)
            WHERE found.similarity_score >= ${threshold}
            GROUP BY t.id
            ORDER BY similarity_score DESC
            LIMIT 5`;
        }),
      ),
  };
}
