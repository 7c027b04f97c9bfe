import type { Task } from '#prisma/store/tasks.ts';
import { fixMarkOf } from '#workflows/domain/tasks/fix-loop.ts';
import { criticalPath } from '#workflows/domain/tasks/graph.ts';
import type { Call } from '../http/context.ts';

/** The newest tickets of a project, or one ticket, with their tasks and discoveries, as nodes and edges. */
export async function projectGraph(
  { services, organization_id }: Call,
  filter: { project_id: string } | { ticket_id: string },
) {
  const { store } = services;
  const { items: tickets, next_cursor } =
    'ticket_id' in filter
      ? { items: [await store.tickets.get(organization_id, filter.ticket_id)], next_cursor: null }
      : await store.tickets.list(organization_id, filter, { limit: 200 });
  const { tasks, discoveries } = await store.graph.ofTickets(
    organization_id,
    tickets.map(({ id }) => id),
  );
  const nodes = [
    ...tickets.map((t) => ({ ...nodeOf(t), kind: 'ticket', label: t.key, status: t.status, ticket_id: t.id })),
    ...tasks.map((t) => ({
      ...nodeOf(t),
      kind: 'task',
      label: t.local_id ?? t.key,
      status: t.status,
      run_id: t.run_id,
    })),
    ...discoveries.map((d) => ({
      ...nodeOf({ ...d, phase_id: d.spawn_phase_id }),
      kind: 'discovery',
      label: d.discovery_type,
      status: d.resolution_status,
    })),
  ];
  const known = new Set(nodes.map(({ id }) => id));
  const edges = [
    ...tasks.map((t) => ({ from: t.ticket_id, to: t.id, kind: 'ticket_contains' })),
    ...tasks.flatMap((t) => t.depends_on.map((dependency) => ({ from: dependency, to: t.id, kind: 'depends_on' }))),
    ...tasks.flatMap((t) => (t.parent_task_id ? [{ from: t.parent_task_id, to: t.id, kind: parentEdge(t) }] : [])),
    ...tickets.flatMap((t) => t.blocked_by.map((other) => ({ from: other, to: t.id, kind: 'ticket_blocks' }))),
    ...discoveries.flatMap((d) => [
      { from: d.source_task_id, to: d.id, kind: 'spawned_from' },
      ...d.spawned_task_ids.map((id) => ({ from: d.id, to: id, kind: 'spawned_from' })),
    ]),
  ].filter(({ from, to }) => known.has(from) && known.has(to));
  const { path } = criticalPath(Object.fromEntries(tasks.map((t) => [t.id, t.depends_on])));
  return { nodes, edges, critical_path: path, more: next_cursor !== null };
}

/** The task that failed leads to its fix and to the check that is done again. */
const parentEdge = (task: Task) => {
  const role = fixMarkOf(task)?.role;
  return role === 'fix' ? 'fixed_by' : role === 'recheck' ? 'rechecked_by' : 'parent_child';
};

const nodeOf = (row: {
  id: string;
  title: string;
  phase_id: string | null;
  priority: string | null;
  ticket_id?: string | null;
}) => ({
  id: row.id,
  title: row.title,
  phase_id: row.phase_id,
  priority: row.priority,
  ticket_id: row.ticket_id ?? row.id,
  run_id: null,
});

export async function ticketWorkflowGraph({ services, organization_id }: Call, id: string) {
  const tasks = await services.store.tasks.ofTicket(id);
  const discoveries = await services.store.discoveries.ofTicket(organization_id, id);
  return {
    nodes: tasks.map((t) => ({ id: t.id, phase: t.phase_id, description: t.title, status: t.status })),
    edges: discoveries.flatMap((d) =>
      d.spawned_task_ids.map((to) => ({
        from: d.source_task_id,
        to,
        discovery_type: d.discovery_type,
        description: d.title,
      })),
    ),
  };
}

export async function blockedBy({ services, organization_id }: Call, id: string) {
  const task = await services.store.tasks.get(organization_id, id);
  return { task_id: id, blocked: await services.store.graph.dependents(task.project_id, id) };
}

export async function blocking({ services, organization_id }: Call, id: string) {
  const task = await services.store.tasks.get(organization_id, id);
  const waitsFor = await services.store.tasks.byIds(task.depends_on);
  return { task_id: id, blocking: waitsFor.filter((other) => other.status !== 'completed').map((other) => other.id) };
}
