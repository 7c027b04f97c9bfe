import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { AppError } from '#workflows/domain/errors.ts';
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
afterEach(() => {
  jest.restoreAllMocks();
});
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

type Opened = Parameters<OwnServer['store']['guardianActions']['open']>[0];
const open = (action: Pick<Opened, 'task_id' | 'kind' | 'before' | 'after'>) =>
  server.store.guardianActions.open({
    ...{ id: randomUUID(), organization_id, project_id, reason, actor: 'owner@example.test', authority: 4 },
    ...action,
  });

test('[WATCH-12] an action whose call never came to its end is taken back a minute later, as far as it had an effect', async () => {
  const [raised, cancelled] = [await newTask(), await newTask()];
  const priority = await open({
    ...{ task_id: raised.id, kind: 'override_priority' },
    ...{ before: { priority: 'LOW' }, after: { priority: 'CRITICAL' } },
  });
  await server.store.tasks.patch(organization_id, raised.id, { priority: 'CRITICAL' });
  const end = await open({
    ...{ task_id: cancelled.id, kind: 'cancel_task' },
    ...{ before: { status: 'pending' }, after: { status: 'cancelled' } },
  });
  expect(await post(`actions/${priority.id}/revert`)).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('under way') },
  });
  await server.sql(
    "UPDATE guardian_actions SET created_at = created_at - interval '1 minute' WHERE status = 'started'",
  );
  expect(await post(`actions/${priority.id}/revert`)).toMatchObject({ status: 200, body: { status: 'reverted' } });
  expect((await task(raised.id)).priority).toBe('LOW');
  expect(await post(`actions/${end.id}/revert`)).toMatchObject({ status: 409 });
  await server.store.tasks.move(organization_id, cancelled.id, 'cancelled', { by: 'owner@example.test' });
  const reverted = await post(`actions/${end.id}/revert`);
  expect(reverted).toMatchObject({ status: 200, body: { status: 'reverted' } });
  expect(await task(reverted.body.after.replaced_by)).toMatchObject({ status: 'pending' });
  // Its call comes to its end all the same: what was taken back stays so.
  expect(await server.store.guardianActions.end(priority.id, null)).toMatchObject({ status: 'reverted' });
});

test('[WATCH-12] a repeated request brings an action to the end that the first could not store', async () => {
  const { id } = await newTask();
  const end = jest.spyOn(server.store.guardianActions, 'end').mockRejectedValueOnce(new Error('The process died.'));
  const cancel = () =>
    server.request('POST', '/guardian/intervention/cancel-task', { task_id: id, reason }, undefined, 'end');
  expect((await cancel()).status).toBe(500);
  expect((await task(id)).status).toBe('cancelled');
  expect((await server.request('GET', `/guardian/actions?task_id=${id}`)).body.items).toMatchObject([
    { status: 'started' },
  ]);
  expect(await cancel()).toMatchObject({ status: 202, body: { status: 'done', before: { status: 'pending' } } });
  expect(end).toHaveBeenCalledTimes(2);
});

test('[WATCH-12] a repeated reversal tells the ticket of the task that the first could not', async () => {
  const { id } = await newTask();
  const { body: action } = await post('intervention/cancel-task', { task_id: id, reason });
  const { reserve } = server.store.billing;
  jest
    .spyOn(server.store.billing, 'reserve')
    .mockImplementationOnce(reserve)
    .mockRejectedValueOnce(new Error('The process died.'));
  const revert = (key: string) =>
    server.request('POST', `/guardian/actions/${action.id}/revert`, undefined, undefined, key);
  expect((await revert('tell')).status).toBe(500);
  expect((await revert('another')).status).toBe(404);
  expect(await revert('tell')).toMatchObject({ status: 200, body: { status: 'reverted' } });
  const tasks = await server.store.tasks.ofTicket((await task(id)).ticket_id);
  expect(tasks.filter(({ parent_task_id: parent }) => parent === id)).toMatchObject([{ status: 'pending' }]);
});

test('[WATCH-12] a cancellation is not taken back where its work cannot be paid for', async () => {
  const { id } = await newTask();
  const { body: action } = await post('intervention/cancel-task', { task_id: id, reason });
  jest
    .spyOn(server.store.billing, 'reserve')
    .mockRejectedValueOnce(new AppError('payment_required', 'The plan has no tickets left.'));
  expect((await post(`actions/${action.id}/revert`)).status).toBe(402);
  expect((await server.request('GET', `/guardian/actions/${action.id}`)).body.status).toBe('done');
  expect((await post(`actions/${action.id}/revert`)).status).toBe(200);
});
