import type { DependencyGraph } from '../tasks/graph.ts';
import { ticketWaits, waitsOf } from '../tasks/ticket-graph.ts';
import type { PlanTask, TasksOutput } from './tasks.ts';

/** The plan before TASKS has run: empty. */
export const emptyPlan: TasksOutput = {
  feature_name: '',
  tickets: [],
  tasks: [],
  total_estimated_hours: 0,
  critical_path: [],
};

/**
 * The known ticket of each task: the one that the task names, else the one that lists the task; undefined when neither
 * exists.
 */
export function ticketByTask({ tickets, tasks }: TasksOutput): Map<string, string | undefined> {
  const ticketOf = (task: PlanTask) =>
    tickets.find((ticket) => ticket.id === task.parent_ticket) ??
    tickets.find((ticket) => ticket.tasks.includes(task.id));
  return new Map(tasks.map((task) => [task.id, ticketOf(task)?.id]));
}

/** The existing tasks of each ticket, in the order of the plan. */
export function tasksByTicket(plan: TasksOutput): Map<string, string[]> {
  const ticketOf = [...ticketByTask(plan)];
  return new Map(
    plan.tickets.map(({ id }) => [id, ticketOf.filter(([, ticket]) => ticket === id).map(([task]) => task)]),
  );
}

/**
 * The declared dependencies of each task: the tasks that it depends on, and the tasks that declare that they block it.
 */
export function taskGraph(plan: TasksOutput): DependencyGraph {
  return waitsOf(
    plan.tasks.map(({ id, dependencies }) => ({ id, after: dependencies.depends_on, before: dependencies.blocks })),
  );
}

/** The declared dependencies of each ticket. */
export function declaredTicketGraph(plan: TasksOutput): DependencyGraph {
  return waitsOf(
    plan.tickets.map(({ id, dependencies }) => ({ id, after: dependencies.blocked_by, before: dependencies.blocks })),
  );
}

/** The effective dependencies of each ticket: the declared ones, and those that arise from its tasks. */
export const ticketGraph = (plan: TasksOutput): DependencyGraph =>
  ticketWaits(declaredTicketGraph(plan), taskGraph(plan), ticketByTask(plan));

/**
 * The effective dependencies of each task: its own, and every task of the tickets that its ticket waits for.
 * @param tickets who waits for whom among the tickets.
 */
export function waitGraph(plan: TasksOutput, tickets = ticketGraph(plan)): DependencyGraph {
  const ticketOf = ticketByTask(plan);
  const members = tasksByTicket(plan);
  return Object.fromEntries(
    Object.entries(taskGraph(plan)).map(([id, own]) => {
      const blockers = tickets[ticketOf.get(id) ?? ''] ?? [];
      return [id, [...new Set([...own, ...blockers.flatMap((ticket) => members.get(ticket) ?? [])])]];
    }),
  );
}
