import { OwnServer } from '#tests/support/own-server.ts';
import { plannedSpec } from '#tests/support/planned-spec.ts';

const phases = ['explore', 'prd', 'requirements', 'design', 'tasks'] as const;
let server: OwnServer;
let project_id = '';
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('plan-edits');
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());

const call = (method: string, address: string, body?: object) => server.request(method, address, body);

test('[PLAN-14] a requirement is traced over design, tickets, tasks and tests to its commits, and says what lacks', async () => {
  const { id, outputs } = await plannedSpec(server, phases);
  const rows = async () => (await call('GET', `/specs/${id}/traceability`)).body.rows;
  const before = await rows();
  expect(before).toHaveLength(outputs.requirements.requirements.length);
  const row = before.find((one: { tasks: unknown[] }) => one.tasks.length > 0);
  expect(row.tasks[0]).toMatchObject({ task_id: null, status: null });
  expect(row.holes).not.toContain('commit');
  await call('POST', `/specs/${id}/execute-tasks`, {});
  const [task] = (await server.store.tasks.ofSpec(id)).filter((one) => one.local_id === row.tasks[0].id);
  await server.store.commits.link([
    {
      ...{
        organization_id,
        project_id,
        ticket_id: task!.ticket_id,
        task_id: task!.id,
        run_id: null,
        sha: 'a'.repeat(40),
      },
      ...{ message: 'Write the rows\n\nAll of them.', author: 'Agent', files_changed: 1, insertions: 2, deletions: 1 },
      ...{ committed_at: new Date(), link_method: 'branch', linked_by: 'platform' },
    },
  ]);
  const after = (await rows()).find((one: { requirement_id: string }) => one.requirement_id === row.requirement_id);
  expect(after).toMatchObject({
    tasks: expect.arrayContaining([expect.objectContaining({ task_id: task!.id, key: task!.key, status: 'pending' })]),
    commits: [{ sha: 'a'.repeat(40), subject: 'Write the rows', task_id: task!.id, insertions: 2, deletions: 1 }],
    tests: expect.arrayContaining([expect.objectContaining({ completed: false })]),
  });
  expect(after.tickets[0]).toMatchObject({ ticket_id: task!.ticket_id, key: expect.stringMatching(/^TKT-/) });
});

test('[PLAN-17] planned tasks are moved at their gate beside the edits of others, and a version shows what a restore changes', async () => {
  const { id, outputs } = await plannedSpec(server, phases);
  const move = (task: string, body: object) => call('POST', `/specs/${id}/tasks/${task}/move`, body);
  const order = async () =>
    (await call('GET', `/specs/${id}/tasks`)).body.items.map((task: { id: string }) => task.id) as string[];
  const before = outputs.tasks.tasks.map((task) => task.id);
  expect((await move('TSK-001', { before: null })).status).toBe(409);
  for (const status of ['executing', 'waiting'] as const)
    await server.store.specs.update(organization_id, id, { status });
  await server.store.specs.update(organization_id, id, { waiting_for: 'gate', current_phase: 'tasks' });
  const { version } = (await call('GET', `/specs/${id}`)).body;

  // Another person edits a task meanwhile: both hold.
  const edit = await call('PATCH', `/specs/${id}/tasks/TSK-001`, { version, title: 'Write the rows' });
  expect(edit.status).toBe(200);
  const moved = await move('TSK-001', { before: null });
  expect(moved).toMatchObject({ status: 200, body: { task_id: 'TSK-001', version: edit.body.version + 1 } });
  expect(await order()).toEqual([...before.slice(1), 'TSK-001']);
  const [title] = moved.body.output.tasks.slice(-1).map((task: { title: string }) => task.title);
  expect(title).toBe('Write the rows');
  for (const ticket of moved.body.output.tickets)
    expect(ticket.tasks).toEqual((await order()).filter((task) => ticket.tasks.includes(task)));

  // What a restore of the plan would change, and what another phase would.
  const difference = (query: string) =>
    call('GET', `/specs/${id}/versions/${edit.body.version - 1}/difference?${query}`);
  const { patch } = (await difference('phase=tasks')).body;
  expect(patch).toContain('diff --git a/tasks/TSK-001.md b/tasks/TSK-001.md');
  expect(patch).toContain('-title: Write the rows\n+title: ');
  expect(patch).not.toContain('diff --git a/tasks/TSK-002.md');
  expect((await difference('phase=prd')).body).toMatchObject({ from: moved.body.version, patch: '' });
  expect((await difference('from=999')).status).toBe(404);

  // Bad input changes nothing.
  expect(await move('TSK-001', { before: 'TSK-099' })).toMatchObject({
    status: 400,
    body: { details: [{ field: 'before' }] },
  });
  expect((await move('TSK-099', { before: null })).status).toBe(404);
  expect((await move('TSK-001', { before: 'TSK-002', version })).status).toBe(409);
  expect((await move('TSK-001', {})).status).toBe(422);
  expect(await order()).toEqual([...before.slice(1), 'TSK-001']);
});
