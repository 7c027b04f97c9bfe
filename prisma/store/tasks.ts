import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import { checkMove } from '#workflows/domain/transitions.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import { findCycle } from '#workflows/domain/tasks/graph.ts';
import type { Criterion } from '#workflows/domain/agent/opening.ts';
import type { Prisma } from '../generated/client.ts';
import { lockProject } from './row-locks.ts';
import { countByStatus, pageFromOldest, pageOf, titleOrKey, type PageQuery } from './page.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import {
  asJson,
  asJsonIfGiven,
  reviewRow,
  taskRow,
  type ExecutionConfig,
  type Task,
  type TaskAnalysis,
  type TaskResult,
  type ValidationReview,
} from './json.ts';
import { contentHash, nextNumber, requireOpen } from './tickets.ts';

export type { Task } from './json.ts';

const eventOf: Record<string, 'task.assigned' | 'task.started' | 'task.completed' | 'task.failed' | 'task.cancelled'> =
  {
    assigned: 'task.assigned',
    running: 'task.started',
    completed: 'task.completed',
    failed: 'task.failed',
    cancelled: 'task.cancelled',
  };

export const taskData = (task: Task) => ({
  task_id: task.id,
  key: task.key,
  ticket_id: task.ticket_id,
  spec_id: task.spec_id,
  phase_id: task.phase_id,
  task_type: task.task_type,
  status: task.status,
  priority: task.priority,
  title: task.title,
});

/** The data that an event about an attempt adds to the task's. */
interface AttemptEventData {
  'task.validation_requested': { iteration: number };
  'task.validation_passed': { iteration: number; feedback: string };
  'task.validation_failed': { iteration: number; feedback: string };
  'task.retry_scheduled': { retry_count: number; reason: string; advice: string | null };
  'tasks.unblocked': { unblocked_task_ids: string[]; by: string[] };
}
type AttemptEventType = keyof AttemptEventData;

export type TaskPatch = Partial<
  Pick<
    Task,
    | 'run_id'
    | 'sandbox_id'
    | 'branch'
    | 'base_sha'
    | 'head_sha'
    | 'resume_sha'
    | 'retry_count'
    | 'error_message'
    | 'validation_iteration'
    | 'last_validation_feedback'
    | 'score'
    | 'priority'
  >
> & { result?: TaskResult; analysis?: TaskAnalysis; synthesis_context?: object };

const patchColumns = ({ result, analysis, ...columns }: TaskPatch) => ({
  ...columns,
  result: asJsonIfGiven(result),
  analysis: asJsonIfGiven(analysis),
});

/**
 * Changes a task's status by its table and emits it, with the person who moved it. With `attempt`, an older attempt
 * changes nothing.
 */
export async function moveTask(
  tx: Transaction,
  emit: Emit,
  organizationId: string,
  id: string,
  to: string,
  options: { attempt?: number; patch?: TaskPatch; reason?: string; by?: string } = {},
): Promise<Task> {
  await tx.$queryRaw`SELECT 1 FROM tasks WHERE id = ${id}::uuid FOR UPDATE`;
  const task = await tx.task.findFirst({ where: { id, organization_id: organizationId } });
  if (!task) throw notFound('task');
  if (options.attempt !== undefined && options.attempt !== task.attempt)
    throw new AppError(
      'fenced',
      `Attempt ${options.attempt} of this task was replaced by attempt ${task.attempt}; what it still does is not taken.`,
    );
  checkMove('task', task.status, to);
  const times =
    to === 'running'
      ? { started_at: task.started_at ?? new Date() }
      : finishedTask(to)
        ? { ended_at: new Date() }
        : { ended_at: null };
  const row = taskRow(
    await tx.task.update({
      where: { id },
      data: {
        ...patchColumns(options.patch ?? {}),
        status: to,
        updated_at: new Date(),
        ...times,
        // Only a task that has not started is held back.
        ...{ waiting_for: null, waiting_reason: null },
      },
    }),
  );
  if (finishedTask(to)) await tx.resourceLock.deleteMany({ where: { task_id: id } });
  if (row.status === task.status) return row;
  const event = { organization_id: organizationId, project_id: row.project_id, entity: { kind: 'task', id } };
  const data = {
    ...taskData(row),
    old_status: task.status,
    reason: options.reason ?? null,
    by: options.by ?? 'platform',
    error_message: row.error_message,
    retry_count: row.retry_count,
  };
  const special = eventOf[to];
  if (special)
    emit({ ...event, type: special, data: { ...data, agent_id: row.run_id, has_result: row.result !== null } });
  emit({ ...event, type: 'task.status_changed', data });
  return row;
}

export interface NewTask {
  /** A repeated call with the same id gives the same task. */
  id?: string;
  organization_id: string;
  project_id: string;
  ticket_id: string;
  spec_id?: string | null;
  task_type: string;
  title: string;
  description: string;
  phase_id: string;
  priority: string;
  depends_on?: string[];
  required_count?: number;
  sync_deadline_at?: Date;
  merge_strategy?: string;
  criteria?: Criterion[];
  owned_files?: string[];
  parent_task_id?: string | null;
  discovery_id?: string | null;
  result?: TaskResult;
  /** A commit with the files that its first attempt starts with; by default those of its branch. */
  resume_sha?: string;
  execution_config?: ExecutionConfig;
  timeout_seconds?: number | null;
  deadline_at?: Date | null;
  required_capabilities?: string[];
  validation_enabled?: boolean;
  max_retries?: number;
}

export async function insertTask(tx: Transaction, emit: Emit, input: NewTask): Promise<Task> {
  const { id = randomUUID(), criteria = [], execution_config: config = {}, result, ...fields } = input;
  const known = input.id ? await tx.task.findUnique({ where: { id } }) : null;
  if (known) return taskRow(known);
  const number = await nextNumber(tx, input.project_id, 'task_count');
  const task = taskRow(
    await tx.task.create({
      data: {
        ...fields,
        criteria: asJson(criteria),
        execution_config: asJson(config),
        result: asJsonIfGiven(result),
        id,
        number,
        key: `TSK-${number}`,
        content_hash: contentHash(input.title, input.description),
      },
    }),
  );
  emit({
    type: 'task.created',
    organization_id: task.organization_id,
    project_id: task.project_id,
    entity: { kind: 'task', id: task.id },
    data: taskData(task),
  });
  return task;
}

/** @throws invalid_rule with the cycle's path, or with the ids that do not exist in the ticket's project. */
async function checkDependencies(
  tx: Transaction,
  task: { id: string; project_id: string },
  dependsOn: string[],
): Promise<void> {
  const rows = await tx.task.findMany({
    where: { project_id: task.project_id },
    select: { id: true, key: true, depends_on: true },
  });
  const keys = new Map(rows.map((row) => [row.id, row.key]));
  const unknown = dependsOn.filter((id) => !keys.has(id));
  if (unknown.length > 0)
    throw new AppError('invalid_rule', `Unknown tasks in depends_on: ${unknown.join(', ')}.`, [
      { field: 'depends_on', message: 'names tasks that the project does not have' },
    ]);
  const graph = Object.fromEntries(rows.map((row) => [row.id, row.depends_on]));
  const cycle = findCycle({ ...graph, [task.id]: dependsOn });
  if (cycle)
    throw new AppError(
      'invalid_rule',
      `These tasks would wait for each other: ${cycle.map((id) => keys.get(id) ?? id).join(' -> ')}.`,
      { cycle },
    );
}

/** Changes what a task waits for, under the lock of its project. @throws invalid_rule as of a cycle or of unknown tasks. */
export async function writeDependencies(tx: Transaction, emit: Emit, task: Task, wanted: string[]): Promise<Task> {
  const { id, organization_id, depends_on: before, required_count } = task;
  const dependsOn = [...new Set(wanted)];
  await checkDependencies(tx, task, dependsOn);
  const row = taskRow(
    await tx.task.update({
      where: { id },
      data: {
        depends_on: dependsOn,
        // More than all can never be done.
        required_count: required_count && Math.min(required_count, dependsOn.length),
        updated_at: new Date(),
      },
    }),
  );
  emit({
    type: 'task.dependency_updated',
    organization_id,
    project_id: row.project_id,
    entity: { kind: 'task', id },
    data: {
      ...taskData(row),
      depends_on: dependsOn,
      added: dependsOn.filter((d) => !before.includes(d)),
      removed: before.filter((d) => !dependsOn.includes(d)),
    },
  });
  return row;
}

export function tasksStore(core: StoreCore) {
  const find = async (tx: Transaction, organizationId: string, id: string) => {
    const task = await tx.task.findFirst({ where: { id, organization_id: organizationId } });
    if (!task) throw notFound('task');
    return taskRow(task);
  };

  const many = (query: Prisma.TaskFindManyArgs) =>
    core.read(async (db) => (await db.task.findMany(query)).map(taskRow));

  return {
    create: (input: NewTask) =>
      core.change(async (tx, emit) => {
        if (input.depends_on?.length) {
          await lockProject(tx, input.project_id);
          await checkDependencies(tx, { id: 'new', project_id: input.project_id }, input.depends_on);
        }
        await requireOpen(tx, input.ticket_id, input.id);
        return insertTask(tx, emit, input);
      }),
    get: (organizationId: string, id: string) =>
      core.read((db) => db.$transaction((tx) => find(tx, organizationId, id))),
    list: (
      organizationId: string,
      filter: {
        id?: { in: string[] };
        project_id?: string;
        spec_id?: string;
        ticket_id?: string;
        status?: string | { in: string[] };
        phase_id?: string;
        sandbox_id?: { not: null } | null;
      },
      page: PageQuery,
      search?: string,
    ) =>
      core.read((db) =>
        pageOf(page, async (query) =>
          (
            await db.task.findMany({
              ...query,
              where: {
                AND: [
                  { organization_id: organizationId, archived_at: null, ...filter },
                  titleOrKey(search),
                  query.where,
                ],
              },
            })
          ).map(taskRow),
        ),
      ),
    countByStatus: countByStatus(core, 'task'),
    ofTicket: (ticketId: string) => many({ where: { ticket_id: ticketId }, orderBy: { number: 'asc' } }),
    ofSpec: (specId: string) => many({ where: { spec_id: specId }, orderBy: { number: 'asc' } }),
    /** Tasks of the same ticket that wait for this one and have not begun. */
    waitingFor: (task: Task) =>
      many({
        where: { ticket_id: task.ticket_id, status: 'pending', attempt: 0, depends_on: { has: task.id } },
        orderBy: { number: 'asc' },
      }),
    /** Other tickets with tasks that wait for this one. */
    ticketsWaitingFor: (task: Task) =>
      core.read(async (db) =>
        (
          await db.task.findMany({
            where: { depends_on: { has: task.id }, ticket_id: { not: task.ticket_id }, status: 'pending' },
            select: { ticket_id: true },
            distinct: ['ticket_id'],
          })
        ).map((row) => row.ticket_id),
      ),
    byIds: (ids: string[]) => many({ where: { id: { in: ids } } }),

    move: (organizationId: string, id: string, to: string, options?: Parameters<typeof moveTask>[5]) =>
      core.change((tx, emit) => moveTask(tx, emit, organizationId, id, to, options)),
    patch: (
      organizationId: string,
      id: string,
      patch: TaskPatch & {
        timeout_seconds?: number | null;
        deadline_at?: Date | null;
        description?: string;
        attempt?: number;
        validation_enabled?: boolean;
      },
    ) =>
      core.change(async (tx) => {
        await find(tx, organizationId, id);
        return taskRow(
          await tx.task.update({ where: { id }, data: { ...patchColumns(patch), updated_at: new Date() } }),
        );
      }),

    /** The number of tasks of its ticket that have not started and wait for this one. */
    dependentsOf: (task: Task) =>
      core.read((db) =>
        db.task.count({ where: { ticket_id: task.ticket_id, status: 'pending', depends_on: { has: task.id } } }),
      ),

    /** Claims the task's next attempt. From then on every older attempt is refused. */
    claim: (organizationId: string, id: string) =>
      core.change(async (tx, emit) => {
        const task = await moveTask(tx, emit, organizationId, id, 'claiming');
        return taskRow(await tx.task.update({ where: { id }, data: { attempt: task.attempt + 1 } }));
      }),

    /** @param change computes the dependencies from those that the task has under the lock. */
    setDependencies: (organizationId: string, id: string, change: (now: string[]) => string[]) =>
      core.change(async (tx, emit) => {
        await lockProject(tx, (await find(tx, organizationId, id)).project_id);
        const task = await find(tx, organizationId, id);
        return writeDependencies(tx, emit, task, change(task.depends_on));
      }),
    wouldCycle: (organizationId: string, id: string, dependsOn: string[]) =>
      core.read((db) =>
        db.$transaction(async (tx) => {
          const task = await find(tx, organizationId, id);
          try {
            await checkDependencies(tx, task, dependsOn);
            return null;
          } catch (error) {
            if (error instanceof AppError) return error;
            throw error;
          }
        }),
      ),

    /** Emits the result of an attempt once. */
    emitOnce: <T extends AttemptEventType>(task: Task, type: T, data: AttemptEventData[T]) => {
      const mark = { attempt: task.attempt, ...data };
      const event = {
        type,
        organization_id: task.organization_id,
        project_id: task.project_id,
        entity: { kind: 'task', id: task.id },
        data: { ...taskData(task), ...mark },
        // The compiler cannot recombine the parts of a generic type; the schema checks the complete event.
      } as unknown as NewEvent;
      return core.emitOnce(event, mark);
    },

    /** Stores a validator's verdict once per run. */
    review: (input: Omit<ValidationReview, 'id' | 'created_at'>) =>
      core.change(async (tx) => {
        const known = await tx.validationReview.findUnique({ where: { run_id: input.run_id } });
        const { evidence, criteria, ...fields } = input;
        const data = { ...fields, evidence: asJson(evidence), criteria: asJson(criteria), id: randomUUID() };
        return reviewRow(known ?? (await tx.validationReview.create({ data })));
      }),
    reviews: (organizationId: string, taskId: string) =>
      core.read(async (db) =>
        (
          await db.validationReview.findMany({
            where: { organization_id: organizationId, task_id: taskId },
            orderBy: { iteration: 'asc' },
          })
        ).map(reviewRow),
      ),
    reviewsPage: (organizationId: string, taskId: string, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, async (query) =>
          (
            await db.validationReview.findMany({
              ...query,
              where: { AND: [{ organization_id: organizationId, task_id: taskId }, query.where] },
            })
          ).map(reviewRow),
        ),
      ),
    reviewOfRun: (runId: string) =>
      core.read(async (db) => {
        const row = await db.validationReview.findUnique({ where: { run_id: runId } });
        return row && reviewRow(row);
      }),
  };
}
