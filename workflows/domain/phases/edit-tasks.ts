import { AppError } from '../errors.ts';
import type { TasksOutput } from './tasks.ts';

/** The fields of a planned task that a person may edit. Code assigns the ids. */
interface PlannedTaskFields {
  title: string;
  description: string;
  parent_ticket: string;
  type: string;
  priority: string;
  estimated_hours: number;
  files_to_create: string[];
  files_to_modify: string[];
  acceptance_criteria: { text: string; check?: string }[];
  depends_on: string[];
  requirements_addressed: string[];
}

export type TaskEdit =
  | { action: 'added'; fields: Partial<PlannedTaskFields> & Pick<PlannedTaskFields, 'title' | 'description'> }
  | { action: 'changed'; id: string; fields: Partial<PlannedTaskFields> }
  | { action: 'removed'; id: string }
  /** Null: to the end. */
  | { action: 'moved'; id: string; before: string | null };

/**
 * Applies an edit to a plan.
 * @returns the plan after it, still to be parsed and judged, and the id of the edited task.
 * @throws AppError `not_found` when the task does not exist; `invalid_rule` when it is the last one, others depend on
 * it, or the plan has no such ticket or place.
 */
export function editTasks(plan: TasksOutput, edit: TaskEdit): { id: string; plan: object } {
  if (edit.action !== 'added' && !plan.tasks.some((task) => task.id === edit.id))
    throw new AppError('not_found', `The plan has no task ${edit.id}.`);
  if (edit.action === 'removed') return { id: edit.id, plan: without(plan, edit.id) };
  if (edit.action === 'moved') return { id: edit.id, plan: moved(plan, edit.id, edit.before) };
  const { depends_on, ...fields } = edit.fields;
  const ticket = fields.parent_ticket ?? (edit.action === 'added' ? plan.tickets[0]?.id : undefined);
  if (ticket !== undefined && !plan.tickets.some((one) => one.id === ticket))
    throw new AppError('invalid_rule', `The plan has no ticket ${ticket}.`, [
      { field: 'parent_ticket', message: `must be one of ${plan.tickets.map((one) => one.id).join(', ')}` },
    ]);
  if (edit.action === 'added') {
    const id = nextId(plan.tasks.map((task) => task.id));
    const task = { ...fields, id, parent_ticket: ticket ?? '', dependencies: { depends_on: depends_on ?? [] } };
    return { id, plan: { ...plan, tickets: listed(plan, id, ticket), tasks: [...plan.tasks, task] } };
  }
  const { id } = edit;
  return {
    id,
    plan: {
      ...plan,
      tickets: ticket === undefined ? plan.tickets : listed(plan, id, ticket),
      tasks: plan.tasks.map((task) =>
        task.id === id
          ? { ...task, ...fields, dependencies: { ...task.dependencies, ...(depends_on ? { depends_on } : {}) } }
          : task,
      ),
    },
  };
}

/** The plan with a task at another place. Its tickets list their tasks in the same order. */
function moved(plan: TasksOutput, id: string, before: string | null): object {
  const others = plan.tasks.filter((task) => task.id !== id);
  const at = before === null ? others.length : others.findIndex((task) => task.id === before);
  if (at < 0)
    throw new AppError('invalid_rule', `The plan has no other task ${before} to come before.`, [
      { field: 'before', message: 'must be another task of the plan, or null for the end' },
    ]);
  const tasks = [...others.slice(0, at), ...plan.tasks.filter((task) => task.id === id), ...others.slice(at)];
  const place = new Map(tasks.map((task, index) => [task.id, index]));
  const order = (a: string, b: string) => (place.get(a) ?? tasks.length) - (place.get(b) ?? tasks.length);
  return { ...plan, tasks, tickets: plan.tickets.map((one) => ({ ...one, tasks: one.tasks.toSorted(order) })) };
}

function without(plan: TasksOutput, id: string): object {
  const dependents = plan.tasks.filter((task) => task.dependencies.depends_on.includes(id)).map((task) => task.id);
  if (dependents.length > 0)
    throw new AppError(
      'invalid_rule',
      `${dependents.join(', ')} ${dependents.length === 1 ? 'depends' : 'depend'} on ${id}: remove or change what depends on it first.`,
    );
  if (plan.tasks.length === 1) throw new AppError('invalid_rule', 'A plan needs at least one task.');
  const other = (one: string) => one !== id;
  return {
    ...plan,
    critical_path: plan.critical_path.filter(other),
    tickets: listed(plan, id, undefined),
    tasks: plan.tasks
      .filter((task) => task.id !== id)
      .map((task) => ({
        ...task,
        dependencies: { ...task.dependencies, blocks: task.dependencies.blocks.filter(other) },
      })),
  };
}

/** The tickets, of which only the given one lists the task. */
const listed = ({ tickets }: TasksOutput, id: string, ticket: string | undefined) =>
  tickets.map((one) => {
    const others = one.tasks.filter((task) => task !== id);
    return { ...one, tasks: one.id === ticket ? [...others, id] : others };
  });

const nextId = (ids: readonly string[]): string => {
  const taken = ids.map((id) => Number(/^TSK-(\d+)$/.exec(id)?.[1] ?? 0));
  return `TSK-${String(Math.max(0, ...taken) + 1).padStart(3, '0')}`;
};
