import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let project_id = '';
beforeAll(async () => {
  server = await OwnServer.start('task-record');
  project_id = server.place.project.id;
});
afterAll(() => server.close());

const call = (method: string, address: string, body?: object) => server.request(method, address, body);
const ids = async (query: string) =>
  (await call('GET', `/tasks?project_id=${project_id}&${query}`)).body.items.map((task: { id: string }) => task.id);

test('[EXEC-01] a task is created with its defaults, found by its fields, and hidden with its archived spec', async () => {
  const words = { title: 'Count', description: 'All that is in stock.' };
  const ticket = (await call('POST', '/tickets', { project_id, workflow_mode: 'spec_driven', ...words })).body;
  const add = (body: object) => call('POST', '/tasks', { ticket_id: ticket.id, ...words, ...body });
  const first = await add({});
  expect(first).toMatchObject({
    status: 201,
    body: {
      ...{ ...words, ticket_id: ticket.id, status: 'pending', task_type: 'implementation', priority: 'MEDIUM' },
      ...{ phase_id: 'PHASE_IMPLEMENTATION', role: 'implementer', retry_count: 0, max_retries: 3 },
      ...{ sandbox_id: null, result: null, error_message: null, parent_task_id: null, validation_iteration: 0 },
      ...{ owned_files: [], depends_on: [], required_capabilities: [], last_validation_feedback: null },
    },
  });
  const tested = (await add({ phase_id: 'PHASE_TESTING', priority: 'CRITICAL', owned_files: ['a.js'] })).body;
  expect(tested).toMatchObject({ role: 'validator', owned_files: ['a.js'] });
  const { id } = first.body;
  expect(await ids('phase_id=PHASE_TESTING')).toEqual([tested.id]);
  expect(await ids('status=pending')).toEqual([tested.id, id]);
  expect(await ids('status=running')).toEqual([]);
  expect(await ids('has_sandbox=true')).toEqual([]);
  expect(await ids(`ticket_id=${ticket.id}&limit=1`)).toEqual([tested.id]);
  expect((await call('PATCH', `/tasks/${id}`, { priority: 'LOW', title: 'Count twice' })).body).toMatchObject({
    ...{ priority: 'LOW', title: 'Count twice', description: words.description },
  });
  expect((await call('GET', `/tasks/${id}`)).body).toMatchObject({ priority: 'LOW' });

  // Values that do not exist are refused by name, and change nothing.
  for (const [method, address, body, field] of [
    ['POST', '/tasks', { ticket_id: ticket.id, ...words, priority: 'URGENT' }, 'priority'],
    ['PATCH', `/tasks/${id}`, { priority: 'urgent' }, 'priority'],
    ['GET', '/tasks?status=flying', undefined, 'status'],
    ['GET', '/tasks?limit=201', undefined, 'limit'],
  ] as const)
    expect(await call(method, address, body)).toMatchObject({ status: 422, body: { details: [{ field }] } });
  expect(await ids('limit=200')).toHaveLength(2);

  // A task of an archived spec is in no list.
  const spec = (await call('POST', '/specs', { project_id, ...words })).body;
  const { organization_id } = spec;
  const planned = await server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id: ticket.id, spec_id: spec.id, ...words },
    ...{ phase_id: 'PHASE_IMPLEMENTATION', task_type: 'implement_feature', priority: 'LOW' },
  });
  expect(await ids('limit=200')).toContain(planned.id);
  expect((await call('DELETE', `/specs/${spec.id}`)).status).toBe(200);
  expect(await ids('limit=200')).not.toContain(planned.id);
});

test('[EXEC-02] a task that its ended ticket has not seen is cancelled with it; that of an open ticket stays', async () => {
  const { store, place } = server;
  const organization_id = place.organization.id;
  const words = { title: 'Late', description: 'Added while the work is merged.' };
  const ticket = (await call('POST', '/tickets', { project_id, workflow_mode: 'spec_driven', ...words })).body;
  const { id } = (await call('POST', '/tasks', { ticket_id: ticket.id, ...words })).body;
  const end = { reason: 'Pull request #1 was merged.', by: 'a@b.c' };
  await store.tickets.dropUnstarted(organization_id, ticket.id, end);
  expect(await ids('status=pending')).toContain(id);
  await store.tickets.advance(organization_id, ticket.id, 'done', 'a@b.c');
  await store.tickets.dropUnstarted(organization_id, ticket.id, end);
  expect((await call('GET', `/tasks/${id}`)).body.status).toBe('cancelled');
});
