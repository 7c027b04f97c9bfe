import { bullets, criteriaList, line, named, table } from './markdown-blocks.ts';
import type { RequirementsOutput } from './requirements.ts';
import type { TasksOutput } from './tasks.ts';
import { traceability } from './traceability.ts';

/** The chapter of a plan: tickets, tasks and, when there are requirements, their coverage. */
export function planChapter(plan: TasksOutput, requirements: RequirementsOutput | undefined): string[] {
  return [...ticketsAndTasks(plan), ...(requirements ? coverageChapter(requirements, plan) : [])];
}

function ticketsAndTasks({ tickets, tasks }: TasksOutput): string[] {
  return [
    '## Tickets',
    ...tickets.flatMap((ticket) => [
      `### ${ticket.id}: ${line(ticket.title)}`,
      ticket.description,
      bullets([
        ...named('Priority', ticket.priority),
        ...named('Estimate', ticket.estimate),
        ...named('Requirements', ticket.requirements.join(', ')),
        ...named('Blocked by', ticket.dependencies.blocked_by.join(', ')),
      ]),
      criteriaList(ticket.acceptance_criteria),
    ]),
    '## Tasks',
    ...tasks.flatMap((task) => [
      `### ${task.id}: ${line(task.title)}`,
      task.description,
      bullets([
        ...named('Ticket', task.parent_ticket),
        ...named('Type', task.type),
        ...named('Hours', task.estimated_hours || ''),
        ...named('Files', [...task.files_to_create, ...task.files_to_modify].join(', ')),
        ...named('Depends on', task.dependencies.depends_on.join(', ')),
        ...named('Addresses', task.requirements_addressed.join(', ')),
      ]),
      criteriaList(task.acceptance_criteria),
    ]),
  ];
}

function coverageChapter(requirements: RequirementsOutput, plan: TasksOutput): string[] {
  const { matrix, coverage_percent: percent, warnings } = traceability(requirements, plan);
  const rows = matrix.map((row) => [
    row.requirement_id,
    row.covered_by_tasks.join(', '),
    row.covered_by_tickets.join(', '),
    row.status.replaceAll('_', ' '),
  ]);
  return [
    '## Coverage',
    `${percent} % of the requirements are covered.`,
    table(['Requirement', 'Tasks', 'Tickets', 'Status'], rows),
    bullets(warnings),
  ];
}
