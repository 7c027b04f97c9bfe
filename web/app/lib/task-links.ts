import type { GraphTask, TaskEdge } from '../components/graph/task-graph.tsx';
import type { TaskLine, TicketLine } from './lines.ts';

/** Leads to a task's run, or, before it has one, to its card on the board. */
export const taskAddress = (task: Pick<TaskLine, 'run_id' | 'project_id' | 'key'>): string => (task.run_id ? `/runs/${task.run_id}` : `/board/${task.project_id}?search=${task.key}`);

export const asGraphTask = (task: TaskLine, group?: string): GraphTask => ({ id: task.id, label: task.key, title: task.title, status: task.status, to: taskAddress(task), group });

export const waits = (tasks: readonly TaskLine[]): TaskEdge[] => tasks.flatMap((task) => task.depends_on.map((from) => ({ from, to: task.id, kind: 'after' as const })));

/** Whether one node comes after another, over however many others. */
function follows(edges: readonly TaskEdge[], from: string, to: string): boolean {
  const open = [from];
  const seen = new Set(open);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    for (const edge of edges) {
      if (edge.from !== id || seen.has(edge.to)) continue;
      seen.add(edge.to);
      open.push(edge.to);
    }
  }
  return false;
}

/** A spec's tasks: what each waits for itself, what its ticket waits for where that says more, and what was found on the way. */
export function specEdges(tasks: readonly TaskLine[], tickets: readonly TicketLine[]): TaskEdge[] {
  const edges = waits(tasks);
  const of = (ticket: string) => tasks.filter((task) => task.ticket_id === ticket);
  for (const ticket of tickets) {
    const own = new Set(of(ticket.id).map(({ id }) => id));
    const firsts = of(ticket.id).filter((task) => !task.depends_on.some((id) => own.has(id)));
    for (const blocker of ticket.blocked_by) {
      const others = of(blocker);
      const lasts = others.filter((task) => !others.some((other) => other.depends_on.includes(task.id)));
      for (const last of lasts) for (const first of firsts) if (!follows(edges, last.id, first.id)) edges.push({ from: last.id, to: first.id, kind: 'after' });
    }
  }
  return [...edges, ...tasks.flatMap((task) => (task.discovery_id && task.parent_task_id ? [{ from: task.parent_task_id, to: task.id, kind: 'found' as const }] : []))];
}
