import { ticketByTask, tasksByTicket } from './plan-graph.ts';
import type { Requirement, RequirementsOutput } from './requirements.ts';
import type { TasksOutput } from './tasks.ts';

export interface CoverageRow {
  requirement_id: string;
  requirement_title: string;
  covered_by_tasks: string[];
  covered_by_tickets: string[];
  status: 'fully_covered' | 'partially_covered' | 'not_covered';
  coverage_notes: string;
}

export interface Traceability {
  matrix: CoverageRow[];
  /** Percent, 0 to 100: (full + half the partial ones) / all, times 100, to one decimal; 0 without requirements. */
  coverage_percent: number;
  /** Tasks that address no known requirement, tickets without a task. */
  orphans: { tasks: string[]; tickets: string[] };
  warnings: string[];
}

/** Percent of coverage below which a plan gets a warning. */
const lowCoverage = 80;

/** The tasks and tickets that cover each requirement. Either output may not exist yet. */
export function traceability(
  requirements: RequirementsOutput | undefined,
  plan: TasksOutput | undefined,
): Traceability {
  const demanded = requirements?.requirements ?? [];
  const matrix = demanded.map((requirement) => coverageOf(requirement, plan));
  const orphans = plan ? orphansOf(demanded, plan) : { tasks: [], tickets: [] };
  const count = (status: CoverageRow['status']) => matrix.filter((row) => row.status === status).length;
  const points = count('fully_covered') + count('partially_covered') / 2;
  const percent = matrix.length ? Math.round((points / matrix.length) * 1000) / 10 : 0;

  const partial = matrix.filter((row) => row.status === 'partially_covered').map((row) => row.requirement_id);
  return {
    matrix,
    coverage_percent: percent,
    orphans,
    warnings: [
      ...(matrix.length && percent < lowCoverage ? [`Only ${percent} % of the requirements are covered.`] : []),
      ...(partial.length ? [`Covered in part only: ${partial.join(', ')}.`] : []),
      ...(orphans.tasks.length ? [`Tasks that address no requirement: ${orphans.tasks.join(', ')}.`] : []),
      ...(orphans.tickets.length ? [`Tickets without a task: ${orphans.tickets.join(', ')}.`] : []),
    ],
  };
}

/**
 * Full: a task of a known ticket addresses the requirement. Partial: only a ticket names it, or the task has no ticket.
 */
function coverageOf({ id, title }: Requirement, plan: TasksOutput | undefined): CoverageRow {
  const ticketOf = plan ? ticketByTask(plan) : new Map<string, string | undefined>();
  const tasks = (plan?.tasks ?? []).filter((task) => task.requirements_addressed.includes(id)).map((task) => task.id);
  const ofTasks = tasks.map((task) => ticketOf.get(task)).filter((ticket) => ticket !== undefined);
  const naming = (plan?.tickets ?? []).filter((ticket) => ticket.requirements.includes(id)).map((ticket) => ticket.id);
  const row = {
    requirement_id: id,
    requirement_title: title,
    covered_by_tasks: tasks,
    covered_by_tickets: [...new Set([...ofTasks, ...naming])],
  };

  if (ofTasks.length) return { ...row, status: 'fully_covered', coverage_notes: '' };
  if (tasks.length) return { ...row, status: 'partially_covered', coverage_notes: 'Its tasks belong to no ticket.' };
  if (naming.length)
    return { ...row, status: 'partially_covered', coverage_notes: 'A ticket names it, but no task addresses it.' };
  return { ...row, status: 'not_covered', coverage_notes: 'Nothing covers it.' };
}

function orphansOf(demanded: readonly Requirement[], plan: TasksOutput): Traceability['orphans'] {
  const known = new Set(demanded.map((requirement) => requirement.id));
  const members = tasksByTicket(plan);
  return {
    tasks: plan.tasks.filter((task) => !task.requirements_addressed.some((id) => known.has(id))).map((task) => task.id),
    tickets: plan.tickets.filter((ticket) => members.get(ticket.id)?.length === 0).map((ticket) => ticket.id),
  };
}
