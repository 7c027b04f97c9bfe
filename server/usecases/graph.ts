import { criticalPath } from '#workflows/domain/tasks/graph.ts';
import type { Call } from '../http/context.ts';

/** The tickets, tasks and discoveries of a project or of one ticket, as nodes and edges. */
export async function projectGraph(
  { services, organization_id }: Call,
  filter: { project_id: string } | { ticket_id: string },
) {
  const { store } = services;
  const [tickets, tasks] =
    'ticket_id' in filter
      ? [[await store.tickets.get(organization_id, filter.ticket_id)], await store.tasks.ofTicket(filter.ticket_id)]
      : [
          (await store.tickets.list(organization_id, filter, { limit: 200 })).items,
          await store.tasks.ofProject(filter.project_id),
        ];
  const discoveries = (
    await Promise.all(tickets.map((ticket) => store.discoveries.ofTicket(organization_id, ticket.id)))
  ).flat();
  const nodes = [
    ...tickets.map((t) => ({
      id: t.id,
      kind: 'ticket',
      label: t.key,
      title: t.title,
      status: t.status,
      phase_id: t.phase_id,
      priority: t.priority,
    })),
    ...tasks.map((t) => ({
      id: t.id,
      kind: 'task',
      label: t.local_id ?? t.key,
      title: t.title,
      status: t.status,
      phase_id: t.phase_id,
      priority: t.priority,
    })),
    ...discoveries.map((d) => ({
      id: d.id,
      kind: 'discovery',
      label: d.discovery_type,
      title: d.title,
      status: d.resolution_status,
      phase_id: d.spawn_phase_id,
      priority: d.priority,
    })),
  ];
  const edges = [
    ...tasks.map((t) => ({ from: t.ticket_id, to: t.id, kind: 'ticket_contains' })),
    ...tasks.flatMap((t) => t.depends_on.map((dependency) => ({ from: dependency, to: t.id, kind: 'depends_on' }))),
    ...tasks.flatMap((t) => (t.parent_task_id ? [{ from: t.parent_task_id, to: t.id, kind: 'parent_child' }] : [])),
    ...tickets.flatMap((t) => t.blocked_by.map((other) => ({ from: other, to: t.id, kind: 'ticket_blocks' }))),
    ...discoveries.flatMap((d) => [
      { from: d.source_task_id, to: d.id, kind: 'spawned_from' },
      ...d.spawned_task_ids.map((id) => ({ from: d.id, to: id, kind: 'spawned_from' })),
    ]),
  ];
  const path = criticalPath(Object.fromEntries(tasks.map((t) => [t.id, t.depends_on]))).path;
  return { nodes, edges, critical_path: path };
}

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
  const all = await services.store.tasks.ofProject(task.project_id);
  return { task_id: id, blocked: all.filter((other) => other.depends_on.includes(id)).map((other) => other.id) };
}

export async function blocking({ services, organization_id }: Call, id: string) {
  const task = await services.store.tasks.get(organization_id, id);
  const waitsFor = await services.store.tasks.byIds(task.depends_on);
  return { task_id: id, blocking: waitsFor.filter((other) => other.status !== 'completed').map((other) => other.id) };
}
