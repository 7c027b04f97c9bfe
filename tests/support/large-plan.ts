import type { PhaseOutputs } from '#workflows/domain/phases/index.ts';
import { exampleOutputs } from './phases.ts';

const padded = (n: number) => String(n + 1).padStart(3, '0');
const list = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const perTicket = 5;

/** A plan with so many requirements and tasks, that passes every gate. Each ticket has five tasks, one after the other. */
export function largePlan(requirements = 60, tasks = 120): PhaseOutputs {
  const example = exampleOutputs();
  const [requirement] = example.requirements.requirements;
  const [ticket] = example.tasks.tickets;
  const [task] = example.tasks.tasks;
  const demand = (n: number) => `REQ-EXPORT-FUNC-${padded(n)}`;
  const item = (n: number) => `TSK-${padded(n)}`;
  const group = (n: number) => `TKT-${padded(n)}`;
  const sizes = { estimate: 'S' as const, estimated_hours: 0.5 };
  return {
    ...example,
    requirements: {
      ...example.requirements,
      requirements: list(requirements, (n) => ({
        ...requirement!,
        id: demand(n),
        title: `Export field ${n + 1} as CSV`,
        text: `WHEN a client requests /tasks.csv, THE SYSTEM SHALL write field ${n + 1} of each task.`,
        acceptance_criteria: list(2, (k) => ({
          id: `${demand(n)}-AC-${k + 1}`,
          text: `Row ${k + 1} has field ${n + 1}`,
          check: 'node --test test/export.test.js',
        })),
      })),
    },
    tasks: {
      ...example.tasks,
      tickets: list(Math.ceil(tasks / perTicket), (n) => ({
        ...ticket!,
        id: group(n),
        title: `Fields of part ${n + 1}`,
        description: `Write the fields of part ${n + 1}.`,
        tasks: list(perTicket, (k) => item(n * perTicket + k)),
        requirements: [...new Set(list(perTicket, (k) => demand((n * perTicket + k) % requirements)))],
        dependencies: { blocked_by: [], blocks: [] },
      })),
      tasks: list(tasks, (n) => ({
        ...task!,
        ...sizes,
        id: item(n),
        title: `Write field ${n + 1}`,
        description: `Field ${n + 1} of a task, in src/fields/field-${n + 1}.js.`,
        parent_ticket: group(Math.floor(n / perTicket)),
        files_to_create: [`src/fields/field-${n + 1}.js`, `test/field-${n + 1}.test.js`],
        dependencies: { depends_on: n % perTicket === 0 ? [] : [item(n - 1)], blocks: [] },
        requirements_addressed: [demand(n % requirements)],
      })),
      total_estimated_hours: tasks * sizes.estimated_hours,
      critical_path: list(perTicket, (k) => item(k)),
    },
  };
}
