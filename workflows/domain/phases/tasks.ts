import { z } from 'zod';
import { idPatterns } from '../requirements/ids.ts';
import { findCycle } from '../tasks/graph.ts';
import { checkVetoes, interfaceVetoes } from './code-checks.ts';
import { criteria, hours, id, ids, oneOf, text, withCriteriaIds } from './fields.ts';
import type { ScoredCriterion, PhaseDefinition } from './phase.ts';
import { planChapter } from './plan-chapter.ts';
import { fileVetoes, planVetoes, unknownDependencies } from './plan-checks.ts';
import { taskGraph, tasksByTicket } from './plan-graph.ts';
import { phasePrompt } from './prompt.ts';
import { everyItem, given, noneMet } from './scoring.ts';

const priority = oneOf(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']).optional();

/** A plain list of ids is read as the items that come first. */
const after = (field: string) => (value: unknown) => (Array.isArray(value) ? { [field]: value } : value);

const ticket = z.strictObject({
  id,
  title: text,
  description: text,
  priority,
  estimate: oneOf(['S', 'M', 'L', 'XL']).optional(),
  requirements: ids,
  tasks: ids,
  acceptance_criteria: criteria,
  dependencies: z.preprocess(after('blocked_by'), z.strictObject({ blocked_by: ids, blocks: ids })).prefault({}),
});

export const planTaskTypes = [
  'implementation',
  'refactor',
  'test',
  'documentation',
  'configuration',
  'research',
] as const;

const item = z.strictObject({
  id,
  title: text,
  description: text,
  parent_ticket: text,
  type: oneOf(planTaskTypes).optional(),
  priority,
  estimate: oneOf(['S', 'M', 'L']).optional(),
  estimated_hours: hours,
  files_to_create: ids,
  files_to_modify: ids,
  acceptance_criteria: criteria,
  dependencies: z.preprocess(after('depends_on'), z.strictObject({ depends_on: ids, blocks: ids })).prefault({}),
  requirements_addressed: ids,
});

const schema = z.strictObject({
  feature_name: text,
  tickets: z.array(ticket.transform(withCriteriaIds)).default([]),
  tasks: z.array(item.transform(withCriteriaIds)).default([]),
  total_estimated_hours: hours,
  critical_path: ids,
});

export type TasksOutput = z.output<typeof schema>;
export type PlanTask = TasksOutput['tasks'][number];

const task = `Break the design down into tickets and tasks that coding agents can do on their own, in parallel wherever possible.

- One ticket for each component, ids from TKT-001: priority CRITICAL, HIGH, MEDIUM or LOW, estimate S (1-2 days), M (3-5 days), L (1-2 weeks) or XL, the requirements it serves, its tasks.
- At most 5 tasks a ticket, ids from TSK-001. A task takes 1 to 4 hours, is one change that leaves the tests green, and names its parent_ticket, type, files and the requirements it addresses. estimate: S below 2 hours, M up to 4, L up to 8.
- Its description has 200 to 400 words: goal, where to start (file and line), what to change, what to leave alone, how to test it. The agent that does the task sees nothing else.
- Acceptance criteria are {text, check}: check is the command that proves the criterion.
- dependencies.depends_on holds only the tasks whose result it needs; no cycles. Two tasks that can run at once should not change the same files, and must not create the same file: order them, or split the files. Name such parallel groups in the descriptions.
- files_to_modify are paths that exist, or that another task creates.
- Every requirement is addressed by at least one task. Together less than 80 hours; name total_estimated_hours and the critical_path.

At most 100 KB in all.`;

const brief =
  'As few tasks as possible: a task is one change of 1 to 4 hours that leaves the tests green, and two tasks pay only if they can run at once. One ticket holds them unless the parts are independent. tickets from TKT-001 (title, description, priority, requirements, tasks); tasks from TSK-001 (title, type, parent_ticket, estimated_hours, requirements_addressed, acceptance_criteria {text, check}). description: goal, where to start (file and line), what to change, what to leave alone, how to test it; the agent that does the task sees nothing else. files_to_modify exist at this commit or are created by another task; tasks that can run at once create no common file; depends_on holds only the tasks whose result is needed. Every requirement is addressed. Name total_estimated_hours and critical_path.';

export const tasks: PhaseDefinition<'tasks', TasksOutput> = {
  id: 'tasks',
  schema,
  inputs: ['explore', 'requirements', 'design'],
  instructions: (request) => phasePrompt(tasks, request, task),
  brief,
  score: (plan) => {
    const known = new Set(plan.tickets.map((one) => one.id));
    const members = tasksByTicket(plan);
    const list: ScoredCriterion[] = [
      { name: 'feature_name', weight: 0.03, value: given(plan.feature_name) ? 1 : 0.5, note: 'feature_name' },
      everyItem(
        'tickets',
        0.12,
        plan.tickets,
        (one) => [one.title, one.description, one.priority, members.get(one.id)].every(given),
        'tickets with id, title, description, priority and a task',
        { empty: 0.5 },
      ),
      everyItem(
        'structure',
        0.15,
        plan.tasks,
        (one) => [one.title, one.description, one.type].every(given),
        'tasks with id, title, description, type',
      ),
      everyItem(
        'atomicity',
        0.12,
        plan.tasks,
        (one) => one.estimated_hours > 0 && one.estimated_hours <= 4,
        'estimated_hours above 0 and up to 4',
      ),
      everyItem('ids', 0.05, plan.tasks, (one) => idPatterns.task.test(one.id), 'task ids of the form TSK-001'),
      everyItem(
        'files',
        0.08,
        plan.tasks,
        (one) => given(one.files_to_create) || given(one.files_to_modify),
        'files_to_create or files_to_modify',
      ),
      parentCriterion(plan, known),
      { name: 'no_cycle', weight: 0.15, value: findCycle(taskGraph(plan)) ? 0 : 1, note: 'no cycle among the tasks' },
      {
        name: 'dependencies',
        weight: 0.08,
        value: Math.max(0, 1 - 0.2 * unknownDependencies(plan).length),
        note: 'dependencies on known tasks only',
      },
      { name: 'critical_path', weight: 0.05, value: pathIsKnown(plan) ? 1 : 0.5, note: 'critical_path of known tasks' },
      {
        name: 'total_hours',
        weight: 0.05,
        value: plan.total_estimated_hours > 0 ? 1 : 0.5,
        note: 'total_estimated_hours',
      },
    ];
    return plan.tasks.length > 0 ? list : noneMet(list);
  },
  vetoes: (plan, prior, { base } = {}) => [
    ...planVetoes(plan, prior.requirements),
    ...fileVetoes(plan, base),
    ...(base ? [...checkVetoes(plan, base), ...interfaceVetoes(plan, prior.design, base)] : []),
  ],
  chapter: (plan, prior) => planChapter(plan, prior.requirements),
};

function parentCriterion(plan: TasksOutput, known: ReadonlySet<string>): ScoredCriterion {
  const parents = everyItem(
    'parent',
    0.12,
    plan.tasks,
    (one) => known.has(one.parent_ticket),
    'a parent_ticket that exists',
  );
  return plan.tickets.length > 0 ? parents : { ...parents, value: 0.5 };
}

function pathIsKnown(plan: TasksOutput): boolean {
  const known = new Set(plan.tasks.map((one) => one.id));
  return plan.critical_path.length > 0 && plan.critical_path.every((one) => known.has(one));
}
