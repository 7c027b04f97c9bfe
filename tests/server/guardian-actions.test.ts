import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let organization_id = '';
let project_id = '';
beforeAll(async () => {
  server = await OwnServer.start('guardian-actions');
  organization_id = server.place.organization.id;
  project_id = server.place.project.id;
});
afterAll(() => server.close());
beforeEach(() => {
  server.grants = { role: 'owner', permissions: ['*:*'] };
});

const reason = 'The release waits for it.';
const post = (path: string, body?: object) => server.request('POST', `/guardian/${path}`, body);

async function newTask(more: object = {}) {
  const { ticket } = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_IMPLEMENTATION', status: 'building' },
    ...{ title: 'Fold', description: 'It is done once.', priority: 'LOW', workflow_mode: 'quick' },
  });
  return server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id: ticket.id, phase_id: 'PHASE_IMPLEMENTATION', title: 'Fold' },
    ...{ description: 'It is done once.', task_type: 'implement_feature', priority: 'LOW', ...more },
  });
}
const newAgent = async (capacity: number) =>
  (
    await server.request('POST', '/agents/register', {
      ...{ agent_type: 'worker', phase_id: 'PHASE_IMPLEMENTATION', project_id, capacity },
    })
  ).body as { id: string };
const task = async (id: string) => server.store.tasks.get(organization_id, id);

test('[WATCH-12] a priority is raised on record and gets its old value back, once; one that changed since stays', async () => {
  const { id } = await newTask();
  const raised = await post('intervention/override-priority', { task_id: id, priority: 'CRITICAL', reason });
  expect(raised).toMatchObject({
    status: 200,
    body: {
      ...{ kind: 'override_priority', status: 'done', reason, by: 'owner@example.test', authority: 4, task_id: id },
      ...{ before: { priority: 'LOW' }, after: { priority: 'CRITICAL' } },
    },
  });
  expect((await task(id)).priority).toBe('CRITICAL');
  const revert = () => post(`actions/${raised.body.id}/revert`);
  await server.request('PATCH', `/tasks/${id}`, { priority: 'HIGH' });
  expect(await revert()).toMatchObject({ status: 409, body: { message: expect.stringContaining('it is HIGH') } });
  await server.request('PATCH', `/tasks/${id}`, { priority: 'CRITICAL' });
  expect(await revert()).toMatchObject({
    status: 200,
    body: { status: 'reverted', reverted_by: 'owner@example.test' },
  });
  expect((await task(id)).priority).toBe('LOW');
  expect((await revert()).status).toBe(404);
  const { items } = (await server.request('GET', `/guardian/actions?task_id=${id}`)).body;
  expect(items).toEqual([(await server.request('GET', `/guardian/actions/${raised.body.id}`)).body]);
  const { items: events } = (await server.request('GET', `/events?types=guardian.intervention.reverted`)).body;
  expect(events).toMatchObject([{ entity: { kind: 'task', id }, data: { action_id: raised.body.id } }]);
});

test('[WATCH-12] a task that was cancelled goes on in a new one, which what waited for it waits for', async () => {
  const first = await newTask({ owned_files: ['src/fold.js'] });
  const waits = await server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id: first.ticket_id, phase_id: 'PHASE_IMPLEMENTATION', title: 'Waits' },
    ...{ description: 'After it.', task_type: 'implement_feature', priority: 'LOW', depends_on: [first.id] },
  });
  const cancelled = await post('intervention/cancel-task', { task_id: first.id, reason });
  expect(cancelled).toMatchObject({
    status: 202,
    body: { before: { status: 'pending' }, after: { status: 'cancelled' } },
  });
  expect(await task(first.id)).toMatchObject({ status: 'cancelled' });
  expect((await post('intervention/cancel-task', { task_id: first.id, reason })).status).toBe(409);
  const reverted = await post(`actions/${cancelled.body.id}/revert`);
  expect(reverted.status).toBe(200);
  const fresh = await task(reverted.body.after.replaced_by);
  expect(fresh).toMatchObject({ title: 'Fold', status: 'pending', owned_files: ['src/fold.js'] });
  expect((await task(waits.id)).depends_on).toEqual([fresh.id]);
  expect((await post(`actions/${cancelled.body.id}/revert`)).status).toBe(404);
});

test('[WATCH-12] places move from one agent to another within 1 to 10, and back', async () => {
  const [from, to] = [await newAgent(3), await newAgent(9)];
  const move = (capacity: number, other = to.id) =>
    post('intervention/reallocate', { from_agent_id: from.id, to_agent_id: other, capacity, reason });
  for (const wrong of [0, -1, 2, 3]) expect((await move(wrong)).status).toBe(400);
  expect((await move(1, from.id)).status).toBe(400);
  const moved = await move(1);
  expect(moved).toMatchObject({
    status: 200,
    body: { after: { capacities: { [from.id]: 2, [to.id]: 10 } }, status: 'done', project_id },
  });
  expect((await move(1)).status).toBe(400);
  expect((await post(`actions/${moved.body.id}/revert`)).status).toBe(200);
  expect((await server.store.agents.get(organization_id, from.id)).capacity).toBe(3);
  expect((await server.store.agents.get(organization_id, to.id)).capacity).toBe(9);
});

test('[WATCH-12] who has less authority acts on nothing, and a bad word changes nothing', async () => {
  const { id } = await newTask();
  const raise = (body: object) => post('intervention/override-priority', { task_id: id, reason, ...body });
  expect((await raise({ priority: 'URGENT' })).status).toBe(400);
  expect((await raise({ priority: 'HIGH', reason: ' ' })).status).toBe(422);
  expect((await raise({ priority: 'LOW' })).status).toBe(409);
  expect((await post(`actions/${id}/revert`)).status).toBe(404);
  server.grants = { role: 'member', permissions: ['task:*', 'agent:read'] };
  expect((await raise({ priority: 'HIGH' })).status).toBe(403);
  expect((await post('intervention/cancel-task', { task_id: id, reason })).status).toBe(403);
  expect((await task(id)).priority).toBe('LOW');
  expect((await server.request('GET', `/guardian/actions?task_id=${id}`)).body.items).toEqual([]);
});
