import { duplicates } from '../requirements/ids.ts';
import { findCycle, reaches } from '../tasks/graph.ts';
import type { CodeBase, Veto, VetoCode } from './phase.ts';
import { declaredTicketGraph, taskGraph, ticketByTask, ticketGraph, tasksByTicket, waitGraph } from './plan-graph.ts';
import type { RequirementsOutput } from './requirements.ts';
import type { TasksOutput } from './tasks.ts';
import { traceability } from './traceability.ts';

/** A plan of this many hours or more must be split into several features. */
const maxPlanHours = 80;

/**
 * Why a plan cannot be carried out; [] when it can. Checked by the gate of TASKS, where all of it can still be fixed,
 * and again by SYNC.
 * @param requirements when absent, requirements are not checked.
 */
export function planVetoes(plan: TasksOutput, requirements?: RequirementsOutput): Veto[] {
  return [
    ...duplicateVetoes(plan),
    ...cycleVetoes(plan),
    ...referenceVetoes(plan, requirements),
    ...wholenessVetoes(plan, requirements),
  ];
}

/** Dependencies on tasks or tickets that do not exist, as pairs [dependent, missing]. */
export function unknownDependencies(plan: TasksOutput): [string, string][] {
  return [
    ...unknownReferences(plan.tasks, plan.tasks, (task) => [
      ...task.dependencies.depends_on,
      ...task.dependencies.blocks,
    ]),
    ...unknownReferences(plan.tickets, plan.tickets, (ticket) => [
      ...ticket.dependencies.blocked_by,
      ...ticket.dependencies.blocks,
    ]),
  ];
}

/** The sum of the estimated hours of all tasks. */
export function planHours(plan: TasksOutput): number {
  // Rounded, so that 0.1 + 0.2 hours are 0.3.
  return Math.round(plan.tasks.reduce((sum, task) => sum + task.estimated_hours, 0) * 100) / 100;
}

function duplicateVetoes({ tickets, tasks }: TasksOutput): Veto[] {
  return duplicates([...tickets, ...tasks].map((item) => item.id)).map((id) =>
    veto('duplicate_id', `The id ${id} occurs more than once.`, id),
  );
}

function cycleVetoes(plan: TasksOutput): Veto[] {
  const found = [
    cycleVeto('Tasks', findCycle(taskGraph(plan))),
    cycleVeto('Tickets', findCycle(declaredTicketGraph(plan))),
  ].flat();
  if (found.length > 0) return found;
  // Two valid orders can still contradict each other: a task may depend on a task of a ticket that waits for its own
  // ticket.
  const contradiction = findCycle(waitGraph(plan, declaredTicketGraph(plan)));
  if (contradiction) return cycleVeto('Tasks, by the order of their tickets,', contradiction);
  // Two tickets may each have a task that waits for a task of the other.
  return cycleVeto('Tickets, by the order of their tasks,', findCycle(ticketGraph(plan)));
}

function cycleVeto(who: string, cycle: string[] | undefined): Veto[] {
  return cycle ? [veto('cycle', `${who} wait for each other: ${cycle.join(' -> ')}.`, ...new Set(cycle))] : [];
}

function referenceVetoes(plan: TasksOutput, requirements?: RequirementsOutput): Veto[] {
  const { tickets, tasks } = plan;
  const wrong = (code: VetoCode, verb: string, pairs: [string, string][]) =>
    pairs.map(([id, other]) => veto(code, `${id} ${verb} ${other}, which does not exist.`, id, other));
  return [
    ...wrong('unknown_dependency', 'depends on or blocks', unknownDependencies(plan)),
    ...wrong(
      'unknown_parent',
      'belongs to',
      unknownReferences(tasks, tickets, (task) => (task.parent_ticket ? [task.parent_ticket] : [])),
    ),
    ...wrong(
      'unknown_task',
      'lists',
      unknownReferences(tickets, tasks, (ticket) => ticket.tasks),
    ),
    ...(requirements
      ? [
          ...wrong(
            'unknown_requirement',
            'names',
            unknownReferences(tickets, requirements.requirements, (ticket) => ticket.requirements),
          ),
          ...wrong(
            'unknown_requirement',
            'addresses',
            unknownReferences(tasks, requirements.requirements, (task) => task.requirements_addressed),
          ),
        ]
      : []),
  ];
}

function wholenessVetoes(plan: TasksOutput, requirements?: RequirementsOutput): Veto[] {
  const members = tasksByTicket(plan);
  const ticketOf = ticketByTask(plan);
  const hours = planHours(plan);
  return [
    ...(plan.tasks.length === 0 ? [veto('no_tasks', 'There are no tasks.')] : []),
    ...traceability(requirements, plan)
      .matrix.filter((row) => row.status === 'not_covered')
      .map((row) =>
        veto('uncovered_requirement', `No task or ticket covers ${row.requirement_id}.`, row.requirement_id),
      ),
    ...plan.tickets
      .filter((ticket) => members.get(ticket.id)?.length === 0)
      .map((ticket) => veto('empty_ticket', `${ticket.id} has no task.`, ticket.id)),
    // A task that names an unknown ticket is reported as such.
    ...plan.tasks
      .filter((task) => !task.parent_ticket && !ticketOf.get(task.id))
      .map((task) => veto('task_without_ticket', `${task.id} belongs to no ticket.`, task.id)),
    ...(hours >= maxPlanHours
      ? [veto('too_large', `The tasks take ${hours} hours, ${maxPlanHours} or more: plan a smaller feature.`)]
      : []),
  ];
}

export const pathOf = (file: string) => file.trim().replace(/^\.\//, '');
/** A folder or a pattern stands for files that the plan does not name. */
export const isPlain = (file: string) => !/[*?{]|\/$/.test(file);

/**
 * Tasks that may run at once and create the same file, or of which one changes the file that the other one creates; and
 * files to change that neither exist nor are created. Changes of one existing file by two tasks are merged.
 * @param base when absent, the files to change are not looked for.
 */
export function fileVetoes(plan: TasksOutput, base?: CodeBase): Veto[] {
  const waits = waitGraph(plan);
  const creators = new Map<string, string[]>();
  for (const { id, files_to_create: files } of plan.tasks)
    for (const file of new Set(files.map(pathOf).filter(isPlain)))
      creators.set(file, [...(creators.get(file) ?? []), id]);
  return plan.tasks.flatMap((task, i) => {
    const changed = new Set(task.files_to_modify.map(pathOf).filter(isPlain));
    const touched = new Set([...changed, ...task.files_to_create.map(pathOf)]);
    const atOnce = (other: string) => !reaches(waits, task.id, other) && !reaches(waits, other, task.id);
    const twice = [...touched].flatMap((file) =>
      (creators.get(file) ?? [])
        .filter((other) => other !== task.id && atOnce(other))
        // Two creators of a file are one fault.
        .filter((other) => changed.has(file) || plan.tasks.findIndex(({ id }) => id === other) > i)
        .map((other) =>
          veto(
            'file_created_twice',
            `${task.id} and ${other} may run at once, and ${other} creates ${file}, which ${task.id} ${changed.has(file) ? 'changes' : 'creates too'}: let one depend on the other, or give the file to one of them.`,
            task.id,
            other,
          ),
        ),
    );
    const missing = [...changed]
      .filter((file) => base && !base.paths.has(file) && !creators.has(file))
      .map((file) =>
        veto('missing_file', `${task.id} changes ${file}, which does not exist and which no task creates.`, task.id),
      );
    return [...twice, ...missing];
  });
}

function unknownReferences<T extends { id: string }>(
  items: readonly T[],
  targets: readonly { id: string }[],
  refer: (item: T) => string[],
): [string, string][] {
  const known = new Set(targets.map((target) => target.id));
  return items.flatMap((item) =>
    refer(item)
      .filter((other) => !known.has(other))
      .map((other): [string, string] => [item.id, other]),
  );
}

function veto(code: VetoCode, message: string, ...ids: string[]): Veto {
  return { code, message, ids };
}
