import { AppError, notFound } from '#workflows/domain/errors.ts';
import { patterns, type PatternTask } from '#workflows/domain/tasks/patterns.ts';
import type * as contracts from '../contracts/coordination.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { createTask } from './tasks.ts';
import { iso } from './views.ts';

type Part = Body<typeof contracts.splitTask>['tasks'][number];
type TaskInput = Parameters<typeof createTask>[1];
type Order = NonNullable<Parameters<typeof createTask>[2]>;
type Place = Pick<TaskInput, 'ticket_id'> & Partial<Pick<TaskInput, 'phase_id' | 'priority'>>;

/** Adds a task, by an id that a repeated request finds again. @param name tells it from the others of the request. */
const add = (call: Call, name: string, place: Place, part: Part, depends_on: string[], order: Order = {}) =>
  createTask(
    call,
    {
      phase_id: 'PHASE_IMPLEMENTATION',
      priority: 'MEDIUM',
      required_capabilities: [],
      ...place,
      ...part,
      depends_on,
    },
    { ...order, id: call.newId(`task:${name}`) },
  );

const emit = (
  { services, organization_id }: Call,
  type: Parameters<Call['services']['store']['merges']['emitCoordination']>[0],
  task: { id: string; project_id: string; ticket_id: string },
  data: object,
) =>
  services.store.merges.emitCoordination(type, {
    organization_id,
    project_id: task.project_id,
    ticket_id: task.ticket_id,
    task_id: task.id,
    data,
  });

const withoutRepeats = (ids: string[], field: string) => {
  const repeated = ids.find((id, i) => ids.indexOf(id) < i);
  if (repeated)
    throw new AppError('invalid_body', `${field}: ${repeated} is named twice.`, [
      { field, message: 'names a task twice' },
    ]);
  return ids;
};

export async function splitTask(call: Call, input: Body<typeof contracts.splitTask>) {
  const source = await call.services.store.tasks.get(call.organization_id, input.source_task_id);
  const { ticket_id, phase_id } = source;
  const priority = source.priority as TaskInput['priority'];
  const tasks = [];
  for (const [i, part] of input.tasks.entries())
    tasks.push(await add(call, `split:${i}`, { ticket_id, phase_id, priority }, part, [source.id]));
  await emit(call, 'coordination.split.created', source, {
    source_task_id: source.id,
    task_ids: tasks.map(({ id }) => id),
  });
  return { source_task_id: source.id, tasks };
}

export async function joinTasks(call: Call, input: Body<typeof contracts.joinTasks>) {
  const { ticket_id, merge_strategy } = input;
  const source_task_ids = withoutRepeats(input.source_task_ids, 'source_task_ids');
  const task = await add(call, 'join', { ticket_id }, input.continuation, source_task_ids, { merge_strategy });
  await emit(call, 'coordination.join.created', task, {
    join_id: task.id,
    source_task_ids,
    continuation_task_id: task.id,
    merge_strategy,
  });
  return { join_id: task.id, source_task_ids, merge_strategy, task };
}

export async function createSync(call: Call, input: Body<typeof contracts.createSync>) {
  const { ticket_id, merge_strategy, timeout_seconds } = input;
  const task_ids = withoutRepeats(input.task_ids, 'task_ids');
  const { required_count = task_ids.length } = input;
  if (required_count > task_ids.length)
    throw new AppError(
      'invalid_body',
      `required_count: ${required_count} of ${task_ids.length} tasks can never be done.`,
      [{ field: 'required_count', message: `must be at most ${task_ids.length}, the number of task_ids` }],
    );
  const sync_deadline_at = timeout_seconds === undefined ? undefined : new Date(Date.now() + timeout_seconds * 1000);
  const task = await add(call, 'sync', { ticket_id }, input.continuation, task_ids, {
    merge_strategy,
    required_count,
    sync_deadline_at,
  });
  const point = { sync_id: task.id, task_ids, required_count, deadline_at: iso(sync_deadline_at) };
  await emit(call, 'coordination.sync.created', task, point);
  return { ...point, task };
}

export async function getSync({ services, organization_id }: Call, id: string) {
  const task = await services.store.tasks.get(organization_id, id);
  if (task.required_count === null) throw notFound('sync point');
  const done = (await services.store.tasks.byIds(task.depends_on)).filter(({ status }) => status === 'completed');
  const ready = done.length >= task.required_count;
  const overdue = task.sync_deadline_at !== null && task.sync_deadline_at <= new Date();
  return {
    sync_id: task.id,
    task_ids: task.depends_on,
    required_count: task.required_count,
    deadline_at: iso(task.sync_deadline_at),
    state: ready ? ('ready' as const) : overdue ? ('overdue' as const) : ('waiting' as const),
    completed_task_ids: done.map((one) => one.id),
  };
}

export async function applyPattern(call: Call, name: string, input: Body<typeof contracts.applyPattern>) {
  const pattern = patterns.find((one) => one.name === name);
  if (!pattern)
    throw new AppError(
      'not_found',
      `There is no pattern ${name}. Patterns: ${patterns.map((one) => one.name).join(', ')}.`,
    );
  const { ticket_id, parts = [] } = input;
  if (pattern.takesParts !== parts.length > 0)
    throw new AppError(
      'invalid_body',
      pattern.takesParts ? 'parts: name at least two parts of the work.' : `parts: ${name} takes none.`,
      [{ field: 'parts', message: pattern.takesParts ? 'names at least two parts' : 'must be left out' }],
    );
  const tasks: Awaited<ReturnType<typeof add>>[] = [];
  for (const { after, required_count, timeout_seconds, ...part } of pattern.tasks(input, parts) as PatternTask[]) {
    const before = after.map((i) => tasks[i]?.id ?? '');
    const sync_deadline_at = timeout_seconds === undefined ? undefined : new Date(Date.now() + timeout_seconds * 1000);
    const rest = { owned_files: [], criteria: [], ...part };
    tasks.push(
      await add(call, `pattern:${tasks.length}`, { ticket_id }, rest, before, { required_count, sync_deadline_at }),
    );
  }
  return { pattern: pattern.name, tasks };
}
