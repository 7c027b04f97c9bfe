import type { GraphTask, TaskEdge } from '../components/graph/task-graph.tsx';
import type { TaskLine } from './lines.ts';

/** Leads to a task's run, or, before it has one, to its card on the board. */
const taskAddress = (task: Pick<TaskLine, 'run_id' | 'project_id' | 'key'>): string =>
  task.run_id ? `/runs/${task.run_id}` : `/board/${task.project_id}?search=${task.key}`;

export const asGraphTask = (task: TaskLine, group?: string): GraphTask => ({
  id: task.id,
  label: task.key,
  title: task.title,
  status: task.status,
  to: taskAddress(task),
  group,
});

/** What the order of tasks depends on: of the board's, and of a plan's that is not on it yet. */
export interface OrderedTask {
  id: string;
  ticket_id: string;
  depends_on: readonly string[];
  discovery_id: string | null;
  parent_task_id: string | null;
}

export const waits = (tasks: readonly Pick<OrderedTask, 'id' | 'depends_on'>[]): TaskEdge[] =>
  tasks.flatMap((task) => task.depends_on.map((from) => ({ from, to: task.id, kind: 'after' as const })));

/** Whether one node comes after another over at least one more. */
function followsOver(next: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const open = (next.get(from) ?? []).filter((id) => id !== to);
  const seen = new Set(open);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const further of next.get(id) ?? []) {
      if (further === to) return true;
      if (seen.has(further)) continue;
      seen.add(further);
      open.push(further);
    }
  }
  return false;
}

/** The same order with the fewest edges: without those that follow from others, and each once. */
export function fewestEdges(edges: readonly TaskEdge[]): TaskEdge[] {
  const next = new Map<string, string[]>();
  const distinct = [...new Map(edges.map((edge) => [`${edge.kind} ${edge.from} ${edge.to}`, edge])).values()];
  for (const { from, to, kind } of distinct) if (kind === 'after') next.set(from, [...(next.get(from) ?? []), to]);
  return distinct.filter((edge) => edge.kind === 'found' || !followsOver(next, edge.from, edge.to));
}

/** A spec's tasks: what each waits for itself, what its ticket waits for, and what was found on the way. */
export function specEdges(
  tasks: readonly OrderedTask[],
  tickets: readonly { id: string; blocked_by: readonly string[] }[],
): TaskEdge[] {
  const edges = waits(tasks);
  const of = (ticket: string) => tasks.filter((task) => task.ticket_id === ticket);
  for (const ticket of tickets) {
    const own = new Set(of(ticket.id).map(({ id }) => id));
    const firsts = of(ticket.id).filter((task) => !task.depends_on.some((id) => own.has(id)));
    for (const blocker of ticket.blocked_by) {
      const others = of(blocker);
      const lasts = others.filter((task) => !others.some((other) => other.depends_on.includes(task.id)));
      for (const last of lasts) for (const first of firsts) edges.push({ from: last.id, to: first.id, kind: 'after' });
    }
  }
  return fewestEdges([
    ...edges,
    ...tasks.flatMap((task) =>
      task.discovery_id && task.parent_task_id
        ? [{ from: task.parent_task_id, to: task.id, kind: 'found' as const }]
        : [],
    ),
  ]);
}
