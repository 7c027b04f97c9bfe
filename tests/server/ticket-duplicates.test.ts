import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('ticket-duplicates');
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());
afterEach(() => {
  server.grants = { role: 'owner', permissions: ['*:*'] };
});

const merge = (id: string, into: string) => server.request('POST', `/tickets/${id}/merge`, { into });
const link = (id: string, of: string | null) => server.request('POST', `/tickets/${id}/duplicates`, { of });
const preview = (id: string, into: string) => server.request('GET', `/tickets/${id}/merge-preview?into=${into}`);
const nowhere = '01890000-0000-7000-8000-000000000000';

async function newTicket(title: string, more: object = {}) {
  const { id: project_id } = server.place.project;
  const { ticket } = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, status: 'backlog' },
    ...{ title, description: `All of: ${title}.`, priority: 'LOW', workflow_mode: 'quick' },
    ...{ phase_id: 'PHASE_BACKLOG', ...more },
  });
  return ticket;
}

function newTask(ticket_id: string, title: string, more: object = {}) {
  const { id: project_id } = server.place.project;
  return server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id, phase_id: 'PHASE_IMPLEMENTATION' },
    ...{ task_type: 'implement_feature', title, description: `Do: ${title}.`, priority: 'LOW', ...more },
  });
}
const taskOf = async (id: string) => (await server.request('GET', `/tasks/${id}`)).body;

test('[DEDUP-04] a merged ticket ends, its words and comments go to the other one, and what waited for it waits for that', async () => {
  const into = await newTicket('Export orders');
  const stays = await newTask(into.id, 'Write the file');
  const twin = await newTicket('Download orders');
  await server.request('POST', `/tickets/${twin.id}/comments`, { text: 'As CSV, please.' });
  const dropped = await newTask(twin.id, 'Write it too');
  const third = await newTicket('Mail the export');
  const waits = await newTask(third.id, 'Mail it', { depends_on: [dropped.id] });

  const { body: before } = await server.request('GET', `/events?entity_ids=${twin.id},${into.id},${dropped.id}`);
  expect(await preview(twin.id, into.id)).toMatchObject({
    status: 200,
    body: {
      into: { id: into.id, key: into.key },
      comment: expect.stringContaining('As CSV, please.'),
      dropped: [dropped.key],
      waiting: [waits.key],
    },
  });
  // A look changes nothing.
  expect((await server.request('GET', `/events?entity_ids=${twin.id},${into.id},${dropped.id}`)).body).toEqual(before);
  expect((await server.request('GET', `/tickets/${into.id}/comments`)).body.items).toEqual([]);
  expect(await taskOf(waits.id)).toMatchObject({ depends_on: [dropped.id] });
  expect((await server.request('GET', `/tickets/${twin.id}`)).body).toMatchObject({ status: 'backlog' });

  for (const _time of [1, 2])
    expect(await merge(twin.id, into.id)).toMatchObject({
      status: 200,
      body: { key: twin.key, status: 'cancelled', merged_into: into.id, last_error: null },
    });
  const { body: comments } = await server.request('GET', `/tickets/${into.id}/comments`);
  expect(comments.items).toHaveLength(1);
  for (const part of [`${twin.key} was merged`, 'All of: Download orders.', 'As CSV, please.'])
    expect(comments.items[0].text).toContain(part);
  expect(await taskOf(dropped.id)).toMatchObject({ status: 'cancelled' });
  expect(await taskOf(waits.id)).toMatchObject({ status: 'pending', depends_on: [stays.id] });

  const { body: moves } = await server.request('GET', `/tickets/${twin.id}/phase-history`);
  expect(moves.items).toMatchObject([{ to_status: 'cancelled', reason: `Merged into ${into.key}` }]);
  const { body: events } = await server.request('GET', `/events?entity_ids=${twin.id}`);
  expect(events.items.filter(({ type }: { type: string }) => type === 'ticket.merged')).toMatchObject([
    { data: { into_ticket_id: into.id, into_key: into.key } },
  ]);
});

test('[DEDUP-04] a merge is refused with its remedy while it would lose work, and changes nothing', async () => {
  const into = await newTicket('Stays');
  const twin = await newTicket('Is worked on');
  const task = await newTask(twin.id, 'Runs');
  await server.store.tasks.claim(organization_id, task.id);
  const busy = await merge(twin.id, into.id);
  expect(await preview(twin.id, into.id)).toMatchObject({ status: 409, body: { message: busy.body.message } });
  expect(busy).toMatchObject({
    status: 409,
    body: { message: `${twin.key} is being worked on: ${task.key}. Let the work end, or cancel these tasks.` },
  });

  const alone = await newTicket('Others wait for it');
  const before = await newTask(alone.id, 'First');
  const after = await newTask((await newTicket('Waits')).id, 'Second', { depends_on: [before.id] });
  const lost = await merge(alone.id, into.id);
  expect(lost.status).toBe(409);
  expect(lost.body.message).toContain(`${after.key} would wait for ${into.key}, which has no open task. Add one`);

  const first = await newTask(into.id, 'Waits for what waits', { depends_on: [after.id] });
  const circle = await merge(alone.id, into.id);
  expect(circle.status).toBe(400);
  expect(circle.body.message).toContain('wait for each other');
  expect(await taskOf(after.id)).toMatchObject({ depends_on: [before.id] });
  expect(await taskOf(first.id)).toMatchObject({ depends_on: [after.id] });

  const ended = await newTicket('Ended');
  await server.store.tickets.cancel(organization_id, ended.id, { reason: 'Not wanted', by: 'platform' });
  expect((await merge(ended.id, into.id)).body.message).toContain('Link them as duplicates instead.');
  expect((await merge(into.id, ended.id)).status).toBe(409);
  expect((await merge(into.id, into.id)).status).toBe(400);
  expect((await server.request('GET', `/tickets/${into.id}/comments`)).body.items).toEqual([]);
  expect((await server.request('GET', `/tickets/${twin.id}`)).body).toMatchObject({
    status: 'backlog',
    merged_into: null,
  });
});

test('[DEDUP-04] tickets are linked as duplicates and the link is taken away; both stay as they are', async () => {
  const [original, twin] = [await newTicket('The first'), await newTicket('The second')];
  for (const _time of [1, 2])
    expect(await link(twin.id, original.id)).toMatchObject({
      status: 200,
      body: { status: 'backlog', duplicate_of: original.id },
    });
  expect((await link(original.id, twin.id)).status).toBe(409);
  expect(await link(twin.id, null)).toMatchObject({ status: 200, body: { duplicate_of: null } });
  const { body: events } = await server.request('GET', `/events?entity_ids=${twin.id}`);
  expect(events.items.map(({ type }: { type: string }) => type)).toEqual([
    'ticket.created',
    'ticket.duplicate_linked',
    'ticket.duplicate_linked',
  ]);
});

test('[DEDUP-04] tickets that the caller may not see or change are neither merged nor linked', async () => {
  const ticket = await newTicket('Own');
  for (const call of [merge, preview, link]) {
    expect((await call(ticket.id, nowhere)).status).toBe(404);
    expect((await call(nowhere, ticket.id)).status).toBe(404);
  }
  server.grants = { role: 'viewer', permissions: ['ticket:read'] };
  for (const call of [merge, link]) expect((await call(ticket.id, nowhere)).status).toBe(403);
});
