import type { Diagnosis, DiagnosticHistory, DiagnosticTrigger } from '#workflows/domain/diagnosis.ts';
import type { DiscoveryCaps } from '#workflows/domain/discovery/types.ts';
import { notFound } from '#workflows/domain/errors.ts';
import { standsStill } from '#workflows/domain/tasks/standstill.ts';
import { Prisma } from '../generated/client.ts';
import type * as rows from '../generated/client.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { recordDiscovery, type NewDiscovery } from './discoveries.ts';
import { takePlaceOf } from './fix-loop.ts';
import { asJson, taskRow, type Task } from './json.ts';
import { diagnosticRow, type DiagnosticRun } from './memory-rows.ts';
import { pageOf, type PageQuery } from './page.ts';
import { lockTicket } from './row-locks.ts';

export type { DiagnosticRun } from './memory-rows.ts';

export interface NewDiagnostic {
  id: string;
  organization_id: string;
  project_id: string;
  ticket_id: string;
  task_id: string | null;
  trigger: DiagnosticTrigger;
  triggered_by: string | null;
}

export interface StuckTicket {
  id: string;
  key: string;
  title: string;
  project_id: string;
  status: string;
  /** The newest change of the ticket or of one of its tasks. */
  idle_since: Date;
  failed_task_ids: string[];
}

/** What a diagnosis began. `discovery`: null where none was. */
export interface Recovery {
  run: DiagnosticRun;
  task: Task | null;
  /** Tickets whose tasks wait for the new one. */
  tickets: string[];
}

const newest = { orderBy: [{ created_at: 'desc' as const }, { id: 'desc' as const }] };

const eventOf = (run: rows.DiagnosticRun) => ({
  organization_id: run.organization_id,
  project_id: run.project_id,
  entity: { kind: 'ticket' as const, id: run.ticket_id },
});

/** Diagnoses of tickets that do not move (DISC-08, DISC-09, EXEC-38). */
export function diagnosticsStore(core: StoreCore) {
  async function historyOf(
    tx: Transaction,
    ticket: { id: string; project_id: string },
    fault: { id: string; attempt: number } | null,
    own: string | null,
  ): Promise<DiagnosticHistory> {
    const runs = await tx.diagnosticRun.findMany({
      where: { ticket_id: ticket.id, status: { not: 'skipped' }, ...(own ? { id: { not: own } } : {}) },
      ...newest,
      take: 100,
    });
    const counted = runs.filter((run) => run.counted);
    const created = await tx.task.findMany({
      where: { id: { in: counted.flatMap((run) => run.tasks_created_ids) } },
      select: { id: true, status: true },
    });
    const recovered = counted.filter((run) => run.tasks_created_ids.length > 0);
    const ended = (run: rows.DiagnosticRun, statuses: string[]) =>
      created.some(({ id, status }) => run.tasks_created_ids.includes(id) && statuses.includes(status));
    const good = recovered.findIndex((run) => ended(run, ['completed']));
    const since = good === -1 ? recovered : recovered.slice(0, good);
    const project = await tx.project.findUniqueOrThrow({ where: { id: ticket.project_id } });
    return {
      // One whose workflow an operator has ended stays running: a reset lets it go too.
      open: counted.some(({ status }) => status === 'running'),
      last_seconds: runs[0] ? (Date.now() - runs[0].created_at.getTime()) / 1000 : null,
      same_fault:
        fault !== null &&
        counted.some(
          ({ task_id, attempt, trigger }) =>
            task_id === fault.id && attempt === fault.attempt && trigger !== 'validation_failures',
        ),
      failures: since.filter((run) => ended(run, ['failed', 'cancelled'])).length,
      runs: counted.length,
      has_repository: project.repository_path !== null || project.repository_url !== null,
    };
  }

  const get = async (organizationId: string, id: string): Promise<DiagnosticRun> => {
    const row = await core.read((db) => db.diagnosticRun.findFirst({ where: { id, organization_id: organizationId } }));
    if (!row) throw notFound('diagnosis');
    return diagnosticRow(row);
  };

  const end = async (
    tx: Transaction,
    emit: Emit,
    id: string,
    data: { status: 'completed' | 'skipped' | 'failed'; reason: string | null; tasks_created_ids?: string[] },
  ) => {
    const run = await tx.diagnosticRun.update({ where: { id }, data: { ...data, completed_at: new Date() } });
    emit({
      ...eventOf(run),
      type: 'diagnostic.completed',
      data: {
        diagnostic_id: id,
        ticket_id: run.ticket_id,
        status: run.status,
        reason: run.reason,
        tasks_created_ids: run.tasks_created_ids,
      },
    });
    return diagnosticRow(run);
  };

  return {
    get,
    /** What decides whether a diagnosis of the ticket may begin. */
    history: (organizationId: string, ticketId: string, taskId: string | null) =>
      core.read((db) =>
        db.$transaction(async (tx) => {
          const ticket = await tx.ticket.findFirst({ where: { id: ticketId, organization_id: organizationId } });
          if (!ticket) throw notFound('ticket');
          const task = taskId ? await tx.task.findUnique({ where: { id: taskId } }) : null;
          return historyOf(tx, ticket, task, null);
        }),
      ),
    /**
     * Begins a diagnosis, or records why it does not. A repeated call finds the first.
     * @param refused decides by what was before.
     */
    open: (input: NewDiagnostic, refused: (history: DiagnosticHistory) => string | null): Promise<DiagnosticRun> =>
      core.change(async (tx, emit) => {
        const known = await tx.diagnosticRun.findUnique({ where: { id: input.id } });
        if (known) return diagnosticRow(known);
        // One after another, so that two faults at once begin one diagnosis.
        const ticket = await lockTicket(tx, input.organization_id, input.ticket_id);
        const task = input.task_id ? await tx.task.findUnique({ where: { id: input.task_id } }) : null;
        const reason = refused(await historyOf(tx, ticket, task, input.id));
        const run = await tx.diagnosticRun.create({
          data: {
            ...input,
            attempt: task?.attempt ?? null,
            ...(reason ? { status: 'skipped', reason, completed_at: new Date() } : {}),
          },
        });
        if (!reason)
          emit({
            ...eventOf(run),
            type: 'diagnostic.triggered',
            data: { diagnostic_id: run.id, ticket_id: run.ticket_id, task_id: run.task_id, trigger: run.trigger },
          });
        return diagnosticRow(run);
      }),
    /** Stores what was found out; the first finding stays. */
    conclude: (id: string, diagnosis: Diagnosis): Promise<void> =>
      core.change(async (tx) => {
        await tx.diagnosticRun.updateMany({
          where: { id, status: 'running', diagnosis: { equals: Prisma.DbNull } },
          data: { diagnosis: asJson(diagnosis) },
        });
      }),
    /** Ends a diagnosis that begins no work. */
    end: (id: string, status: 'completed' | 'failed', reason: string): Promise<DiagnosticRun> =>
      core.change(async (tx, emit) => {
        const run = await tx.diagnosticRun.findUniqueOrThrow({ where: { id } });
        return run.status === 'running' ? end(tx, emit, id, { status, reason }) : diagnosticRow(run);
      }),
    /** Opens the task that takes the place of the one that failed, and ends the diagnosis. Safe to repeat. */
    recover: (
      organizationId: string,
      id: string,
      work: NewDiscovery,
      rules: { caps: DiscoveryCaps; similarity: number },
    ): Promise<Recovery> =>
      core.change(async (tx, emit) => {
        const run = await tx.diagnosticRun.findFirstOrThrow({ where: { id, organization_id: organizationId } });
        const ticket = await lockTicket(tx, organizationId, run.ticket_id);
        const found = run.task_id ? await tx.task.findUnique({ where: { id: run.task_id } }) : null;
        const none = { task: null, tickets: [] };
        if (run.status !== 'running') {
          const task = run.tasks_created_ids[0]
            ? await tx.task.findUnique({ where: { id: run.tasks_created_ids[0] } })
            : null;
          return { run: diagnosticRow(run), ...none, task: task && taskRow(task), tickets: task ? [ticket.id] : [] };
        }
        if (found?.status !== 'failed' || found.attempt !== run.attempt) {
          const reason = 'A person has retried, changed or ended the task meanwhile.';
          return { run: await end(tx, emit, id, { status: 'completed', reason }), ...none };
        }
        const failed = taskRow(found);
        const { task, duplicate_of: twin, discovery } = await recordDiscovery(tx, emit, work, rules);
        if (!task) {
          const reason = twin
            ? `Work that says the same was begun before ("${twin.title}").`
            : (discovery.capped_reason ?? 'Nothing was begun.');
          return { run: await end(tx, emit, id, { status: twin ? 'skipped' : 'completed', reason }), ...none };
        }
        // It goes on where the failed work ended, and has to meet what that had to.
        const last = failed.run_id ? await tx.run.findUnique({ where: { id: failed.run_id } }) : null;
        await tx.task.update({
          where: { id: task.id },
          data: {
            criteria: asJson(failed.criteria),
            owned_files: failed.owned_files,
            depends_on: failed.depends_on,
            required_capabilities: failed.required_capabilities,
            resume_sha: last?.head_sha ?? failed.head_sha ?? failed.resume_sha,
          },
        });
        const reason = `${task.key} takes its place: a diagnosis found what to do.`;
        const { fix, waiting } = await takePlaceOf(tx, emit, failed, {
          ...{ fix: task, before: task, reason, actor: 'platform' },
        });
        const done = await end(tx, emit, id, { status: 'completed', reason: null, tasks_created_ids: [task.id] });
        return { run: done, task: fix, tickets: [ticket.id, ...waiting] };
      }),
    /** Runs before are not counted any more. */
    reset: (organizationId: string, ticketId: string): Promise<void> =>
      core.change(async (tx) => {
        await lockTicket(tx, organizationId, ticketId);
        await tx.diagnosticRun.updateMany({ where: { ticket_id: ticketId }, data: { counted: false } });
      }),
    page: (organizationId: string, filter: { project_id?: string; ticket_id?: string }, page: PageQuery) =>
      core.read(async (db) => {
        const found = await pageOf(page, ({ where, orderBy, take }) =>
          db.diagnosticRun.findMany({
            where: { AND: [{ organization_id: organizationId, ...filter }, where] },
            orderBy,
            take,
          }),
        );
        return { ...found, items: found.items.map(diagnosticRow) };
      }),
    /** Open tickets of which nothing can go on, since so many seconds at least, the longest still one first. */
    stuck: (organizationId: string, projectId: string | undefined, idleSeconds: number): Promise<StuckTicket[]> =>
      core.read(async (db) => {
        const tickets = await db.ticket.findMany({
          where: {
            organization_id: organizationId,
            ...(projectId ? { project_id: projectId } : {}),
            archived_at: null,
            ended_at: null,
            tasks: { some: { status: 'failed' } },
          },
          include: { tasks: { select: { id: true, status: true, depends_on: true, updated_at: true } } },
          orderBy: { updated_at: 'asc' },
          take: 500,
        });
        const validated = await db.workResult.findMany({
          where: { ticket_id: { in: tickets.map(({ id }) => id) }, task_id: null, status: 'validated' },
          select: { ticket_id: true },
        });
        const before = Date.now() - idleSeconds * 1000;
        return tickets
          .map((ticket) => ({
            ...{ id: ticket.id, key: ticket.key, title: ticket.title, status: ticket.status },
            project_id: ticket.project_id,
            idle_since: new Date(Math.max(...ticket.tasks.map(({ updated_at }) => updated_at.getTime()))),
            failed_task_ids: ticket.tasks.filter(({ status }) => status === 'failed').map(({ id }) => id),
            still: standsStill(ticket.tasks) && !validated.some(({ ticket_id }) => ticket_id === ticket.id),
          }))
          .filter(({ still, idle_since }) => still && idle_since.getTime() <= before)
          .map(({ still: _still, ...ticket }) => ticket)
          .sort((a, b) => a.idle_since.getTime() - b.idle_since.getTime());
      }),
    /** What a diagnosis reads: the ticket's newest tasks, what was said of its project's agents, and its results. */
    facts: (organizationId: string, ticketId: string) =>
      core.read(async (db) => {
        const ticket = await db.ticket.findFirst({ where: { id: ticketId, organization_id: organizationId } });
        if (!ticket) throw notFound('ticket');
        const [tasks, analyses, results] = await Promise.all([
          db.task.findMany({ where: { ticket_id: ticketId }, orderBy: { number: 'desc' }, take: 15 }),
          db.conductorAnalysis.findMany({ where: { project_id: ticket.project_id }, ...newest, take: 5 }),
          db.workResult.findMany({ where: { ticket_id: ticketId }, ...newest, take: 5 }),
        ]);
        return { ticket, tasks: tasks.map(taskRow), analyses, results };
      }),
  };
}
