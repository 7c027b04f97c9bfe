import { AppError, fenced, notFound } from '#workflows/domain/errors.ts';
import { mayMove } from '#workflows/domain/transitions.ts';
import type { RunState, WaitingFor } from '#workflows/contracts/progress.ts';
import {
  asJson,
  listedRunRow,
  runRow,
  runTexts,
  type Run,
  type RunOutcome,
  type StoredLoop,
  type TodoItem,
} from './json.ts';
import { activeStates } from './active-runs.ts';
import { insertRun, type NewRun } from './new-run.ts';
import { followWork } from './agent-moves.ts';
import { pageOf, type PageQuery } from './page.ts';
import { Prisma, type Run as RunRow } from '../generated/client.ts';
import { jsonParameter, type StoreCore } from './core.ts';
import type { RunOwner } from './ownership.ts';

export type { ListedRun, Run, RunSettings } from './json.ts';

const isActive = (run: Pick<Run, 'status'>) => activeStates.includes(run.status);

export function runsStore(core: StoreCore) {
  const scoped = (organizationId: string, id: string) => ({ id, organization_id: organizationId });

  return {
    create: (run: NewRun) => core.change((tx, emit) => insertRun(tx, emit, run)),

    /** @throws not_found, also for a run of another organization. */
    get: async (organizationId: string, id: string): Promise<Run> => {
      const run = await core.read((db) => db.run.findFirst({ where: scoped(organizationId, id) }));
      if (!run) throw notFound('run');
      return runRow(run);
    },

    list: (
      organizationId: string,
      filter: {
        project_id?: string;
        spec_id?: string;
        ticket_id?: string;
        task_id?: string;
        status?: string;
        kind?: string;
      },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(page, async (query) => {
          const where = { AND: [{ organization_id: organizationId, ...filter }, query.where] };
          return (await db.run.findMany({ ...query, where, omit: runTexts })).map(listedRunRow);
        }),
      ),

    /** The planning runs of a spec: the phase of each run, and its chain in that phase. */
    ofPhases: (organizationId: string, specId: string) =>
      core.read(async (db) => {
        const runs = await db.run.findMany({
          where: { organization_id: organizationId, spec_id: specId, kind: 'phase' },
        });
        return runs.map(runRow).map((run) => ({ phase: run.phase ?? '', chain: run.settings.chain ?? 1 }));
      }),

    exists: (organizationId: string, id: string) =>
      core.read(async (db) => (await db.run.count({ where: scoped(organizationId, id) })) > 0),

    /** The machine of the run's sandbox, null where every machine reaches it; undefined when no such run goes on. */
    sandboxHost: (organizationId: string, id: string) =>
      core.read(async (db) => {
        const run = await db.run.findFirst({
          where: { ...scoped(organizationId, id), ended_at: null },
          select: { sandbox_host: true },
        });
        return run?.sandbox_host;
      }),

    activeOf: (projectId: string) =>
      core.read(async (db) => {
        const runs = await db.run.findMany({
          where: { project_id: projectId, status: { in: activeStates } },
          orderBy: { created_at: 'asc' },
        });
        return runs.map(runRow);
      }),

    /** Forks of all organizations, created since that time, whose workflow has not started. */
    forksNotStarted: (since: Date) =>
      core.read(async (db) => {
        const where = { status: 'pending', forked_from_run_id: { not: null }, created_at: { gt: since } };
        return (await db.run.findMany({ where, take: 200 })).map(runRow);
      }),

    /** The newest run of a task that has not ended; not one that answers a question of another run. */
    activeOfTask: (taskId: string) =>
      core.read(async (db) => {
        const run = await db.run.findFirst({
          where: { task_id: taskId, caller_run_id: null, status: { in: activeStates } },
          orderBy: { created_at: 'desc' },
          select: { id: true },
        });
        return run?.id ?? null;
      }),

    /**
     * Takes the run for a try of a stretch: what older tries write from now on changes nothing.
     * @param owner only grows from try to try.
     * @throws fenced when a newer try has it already.
     */
    take: async (organizationId: string, id: string, owner: number): Promise<Run> => {
      const [taken] = await core.statement<RunRow>(Prisma.sql`
        UPDATE runs
        SET owner = ${owner}
        WHERE id = ${id}::uuid AND organization_id = ${organizationId}::uuid AND owner <= ${owner}
        RETURNING *`);
      if (!taken) throw fenced();
      return runRow(taken);
    },

    /** Stores the loop's state. @throws fenced when a newer stretch has taken the run. */
    keepLoop: async (run: RunOwner, loop: StoredLoop): Promise<void> => {
      const [kept] = await core.statement(Prisma.sql`
        UPDATE runs
        SET loop = ${jsonParameter(loop)}::jsonb
        WHERE id = ${run.id}::uuid AND owner = ${run.owner}
        RETURNING id`);
      if (!kept) throw fenced();
    },

    /** Asks stretches up to this number to return at their next boundary. */
    callBack: (organizationId: string, id: string, stretch: number) =>
      core.statement(Prisma.sql`
        UPDATE runs
        SET called_back = greatest(called_back, ${stretch})
        WHERE id = ${id}::uuid AND organization_id = ${organizationId}::uuid`),

    /** Stores the present state of the run. A repeated call changes and emits nothing. */
    mark: (
      organizationId: string,
      id: string,
      now: {
        status: RunState;
        waiting_for?: WaitingFor | null;
        waiting_reason?: string | null;
        next_wake_at?: string | null;
      },
    ) =>
      core.change(async (tx, emit) => {
        const run = await tx.run.findFirst({ where: scoped(organizationId, id) });
        if (!run) throw notFound('run');
        // A step that comes late changes nothing.
        if (!mayMove('run', run.status, now.status)) return;
        const wake = now.next_wake_at ? new Date(now.next_wake_at) : null;
        const same =
          run.status === now.status &&
          run.waiting_for === (now.waiting_for ?? null) &&
          run.next_wake_at?.getTime() === wake?.getTime() &&
          run.waiting_reason === (now.waiting_reason ?? null);
        if (same) return;
        await tx.run.update({
          where: { id },
          data: {
            status: now.status,
            waiting_for: now.waiting_for ?? null,
            waiting_reason: now.waiting_reason ?? null,
            next_wake_at: wake,
            started_at: run.started_at ?? (now.status === 'running' ? new Date() : null),
            last_work_at: new Date(),
          },
        });
        const entity = { kind: 'run', id };
        const data = {
          run_id: id,
          task_id: run.task_id,
          spec_id: run.spec_id,
          status: now.status,
          old_status: run.status,
          waiting_for: now.waiting_for ?? null,
          reason: now.waiting_reason ?? null,
          next_wake_at: now.next_wake_at ?? null,
        };
        const started = run.started_at === null && now.status === 'running';
        emit({
          type: started ? 'run.started' : 'run.status_changed',
          organization_id: organizationId,
          project_id: run.project_id,
          entity,
          data,
        });
      }),

    /**
     * Ends the run once. A run with undelivered messages does not complete: the number of the messages is returned and
     * the loop continues.
     */
    end: (
      organizationId: string,
      id: string,
      end: {
        status: 'completed' | 'failed' | 'cancelled';
        reason: string;
        message: string;
        outcome?: RunOutcome;
        by?: string;
      },
    ) =>
      core.change(async (tx, emit): Promise<{ ended: boolean; undelivered: number }> => {
        await tx.$queryRaw`SELECT 1 FROM runs WHERE id = ${id}::uuid FOR UPDATE`;
        const run = await tx.run.findFirst({ where: scoped(organizationId, id) });
        if (!run) throw notFound('run');
        if (!isActive(run) || !mayMove('run', run.status, end.status)) return { ended: true, undelivered: 0 };
        const waiting = { run_id: id, delivered_at_turn: null, refused_reason: null };
        if (end.status === 'completed') {
          const undelivered = await tx.message.count({
            where: { ...waiting, rank: { in: ['interrupt', 'boundary'] } },
          });
          if (undelivered > 0) return { ended: false, undelivered };
        }
        const refused = await tx.message.findMany({ where: waiting, select: { id: true } });
        await tx.message.updateMany({ where: waiting, data: { refused_reason: 'The run had ended.' } });
        // Every tool call needs a result, because a fork repeats the conversation.
        for (const [status, text] of [
          ['pending', 'Not run: the run ended.'],
          ['running', 'Cut short: the run ended while it ran.'],
        ] as const) {
          await tx.toolCall.updateMany({
            where: { run_id: id, status },
            data: { status: 'done', is_error: true, error_kind: 'not_run', result: text, ended_at: new Date() },
          });
        }
        await tx.run.update({
          where: { id },
          data: {
            status: end.status,
            stop_reason: end.reason,
            error_message: end.status === 'completed' ? null : end.message,
            waiting_for: null,
            waiting_reason: null,
            next_wake_at: null,
            ended_at: new Date(),
            outcome: asJson(end.outcome ?? runRow(run).outcome ?? {}),
          },
        });
        await followWork(tx, emit, organizationId, run.agent_id);
        const base = { organization_id: organizationId, project_id: run.project_id, entity: { kind: 'run', id } };
        for (const message of refused)
          emit({
            ...base,
            type: 'run.message.refused',
            data: { run_id: id, message_id: message.id, reason: 'The run had ended.' },
          });
        emit({
          ...base,
          type: 'run.ended',
          data: {
            run_id: id,
            task_id: run.task_id,
            spec_id: run.spec_id,
            kind: run.kind,
            status: end.status,
            success: end.status === 'completed',
            stop_reason: end.reason,
            by: end.by ?? 'platform',
            message: end.message,
            turns: run.turn,
            cost_micros: run.cost_micros,
          },
        });
        return { ended: true, undelivered: 0 };
      }),

    setOutcome: (organizationId: string, id: string, outcome: RunOutcome) =>
      core.change(
        async (tx) =>
          void (await tx.run.updateMany({ where: scoped(organizationId, id), data: { outcome: asJson(outcome) } })),
      ),

    /** Stores the tree before the run's first change, with which later trees are compared. */
    setFirstTree: (organizationId: string, id: string, tree: string) =>
      core.change(
        async (tx) =>
          void (await tx.run.updateMany({ where: { ...scoped(organizationId, id), tree: null }, data: { tree } })),
      ),

    setTodo: (organizationId: string, id: string, todo: TodoItem[]) =>
      core.change(
        async (tx) =>
          void (await tx.run.updateMany({ where: scoped(organizationId, id), data: { todo: asJson(todo) } })),
      ),

    /** Opens the run's next attempt or iteration with the text that begins the next user message. */
    reopen: (organizationId: string, id: string, opening: string, attempt?: number) =>
      core.change(async (tx, emit) => {
        const run = await tx.run.findFirst({ where: scoped(organizationId, id) });
        if (!run) throw notFound('run');
        const next = attempt ?? run.attempt;
        if (run.pending_opening === opening && run.attempt === next) return;
        await tx.run.update({
          where: { id },
          data: { pending_opening: opening, attempt: next, iteration: { increment: 1 } },
        });
        emit({
          type: 'run.iteration.started',
          organization_id: organizationId,
          project_id: run.project_id,
          entity: { kind: 'run', id },
          data: { run_id: id, iteration_num: run.iteration + 1, attempt: next },
        });
      }),
    validated: (
      run: Pick<Run, 'id' | 'organization_id' | 'project_id'>,
      result: { passed: boolean; feedback: string; iteration: number; [key: string]: unknown },
    ) =>
      core.emitOnce(
        {
          type: 'run.iteration.validation',
          organization_id: run.organization_id,
          project_id: run.project_id,
          entity: { kind: 'run', id: run.id },
          data: { run_id: run.id, ...result },
        },
        { iteration: result.iteration },
      ),

    /** @throws conflict when the task has a newer attempt, since an old attempt must not write. */
    fence: async (organizationId: string, runId: string): Promise<Run> => {
      const run = await core.read((db) => db.run.findFirst({ where: scoped(organizationId, runId) }));
      if (!run) throw notFound('run');
      const taskId = run.task_id;
      if (!taskId) return runRow(run);
      const task = await core.read((db) => db.task.findUnique({ where: { id: taskId }, select: { attempt: true } }));
      if (task && task.attempt !== run.attempt) {
        throw new AppError(
          'fenced',
          `Attempt ${run.attempt} of this task was replaced by attempt ${task.attempt}; what it still does is not taken.`,
        );
      }
      return runRow(run);
    },
  };
}
