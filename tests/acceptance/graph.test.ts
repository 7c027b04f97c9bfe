import { api, newProject } from '#tests/support/shared.ts';
import { addTask, newTicket } from '#tests/support/work.ts';

describe('the graph of dependencies', () => {
  test('[MERGE-06] the graph shows who waits for whom, and its longest chain', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, 'A graph');
    const a = await addTask(ticket.id, 'A');
    const b = await addTask(ticket.id, 'B', { depends_on: [a.id] });
    const c = await addTask(ticket.id, 'C', { depends_on: [b.id] });
    const d = await addTask(ticket.id, 'D');
    const found = await api().post<{ discovery: { id: string }; task_id: string }>(`/tasks/${d.id}/discoveries`, {
      type: 'bug',
      description: 'A bug that was seen in passing.',
    });
    for (const path of [
      `/graph/dependency-graph/ticket/${ticket.id}`,
      `/graph/dependency-graph/project/${project_id}`,
      `/projects/${project_id}/graph`,
    ]) {
      const graph = await api().get<{
        nodes: { id: string; kind: string }[];
        edges: { from: string; to: string; kind: string }[];
        critical_path: string[];
      }>(path);
      expect(graph.critical_path).toEqual([a.id, b.id, c.id]);
      expect(graph.nodes.map((node) => node.kind).sort()).toEqual([
        'discovery',
        'task',
        'task',
        'task',
        'task',
        'task',
        'ticket',
      ]);
      expect(graph.edges).toEqual(
        expect.arrayContaining([
          { from: a.id, to: b.id, kind: 'depends_on' },
          { from: b.id, to: c.id, kind: 'depends_on' },
          { from: ticket.id, to: a.id, kind: 'ticket_contains' },
          { from: d.id, to: found.discovery.id, kind: 'spawned_from' },
          { from: found.discovery.id, to: found.task_id, kind: 'spawned_from' },
          { from: d.id, to: found.task_id, kind: 'parent_child' },
        ]),
      );
    }
    expect(await api().get(`/graph/dependency-graph/task/${b.id}/blocked`)).toEqual({ task_id: b.id, blocked: [c.id] });
    expect(await api().get(`/graph/dependency-graph/task/${b.id}/blocking`)).toEqual({
      task_id: b.id,
      blocking: [a.id],
    });
    await api().post(`/tickets/${ticket.id}/cancel`);
  });

  test('[DISC-06] the graph of a ticket joins each task to those that its findings created, and is empty without tasks', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, 'A branch');
    const graph = () => api().get(`/tickets/${ticket.id}/workflow-graph`);
    expect(await graph()).toEqual({ nodes: [], edges: [] });
    const source = await addTask(ticket.id, 'Source');
    const { task_id } = await api().post<{ task_id: string }>(`/tasks/${source.id}/discoveries`, {
      type: 'bug',
      description: 'A bug that was seen in passing.',
      title: 'Repair it',
    });
    const node = { phase: 'PHASE_IMPLEMENTATION', status: 'pending' };
    expect(await graph()).toEqual({
      nodes: [
        { ...node, id: source.id, description: 'Source' },
        { ...node, id: task_id, description: 'Repair it' },
      ],
      edges: [{ from: source.id, to: task_id, discovery_type: 'bug', description: 'Repair it' }],
    });
    await api().post(`/tickets/${ticket.id}/cancel`);
  });
});
