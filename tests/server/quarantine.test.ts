import { AgentPlace, beatOf } from '#tests/support/agent-place.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('quarantine');
});
afterAll(() => place.close());

const call: AgentPlace['call'] = (...input) => place.call(...input);
const register = (fields: object) => place.register({ project_id: place.project_id, ...fields });
const quarantine = (id: string, reason = 'It writes nonsense.', key?: string) =>
  call('POST', `/agents/${id}/quarantine`, { reason }, key);
const clear = (id: string, body: object = { evidence: 'Its tests pass again.' }, key?: string) =>
  call('POST', `/agents/${id}/clear`, body, key);

test('[WATCH-15] an agent in quarantine takes no work, gives its tasks back, and what was known of it is kept', async () => {
  const { id, key } = await register({ capabilities: ['prolog'], elsewhere: true });
  const task = await place.newTask(['prolog']);
  const accept = () => call('POST', `/agents/${id}/work/${task.id}/accept`, undefined, key);
  await accept();
  await call(
    'POST',
    '/agent-events',
    { agent_id: id, event_type: 'tests.started', event_data: { suite: 'unit' } },
    key,
  );
  const { status, body } = await quarantine(id);
  expect([status, body.status, body.evidence.status]).toEqual([202, 'quarantined', 'idle']);
  expect(body.evidence.events.map(({ type }: { type: string }) => type)).toContain('agent.event');
  expect((await place.server.store.tasks.get(place.organization_id, task.id)).agent_id).toBeNull();
  expect((await quarantine(id, 'Again.')).body.evidence).toEqual(body.evidence);
  expect((await accept()).status).toBe(409);
  expect((await quarantine(id, 'Me?', key)).status).toBe(403);
  expect((await call('POST', `/agents/${id}/terminate`, {})).body.status).toBe('terminated');
  expect((await call('GET', `/agents/${id}`, undefined, key)).status).toBe(401);
});

test('[WATCH-15] an agent leaves quarantine with evidence alone, and once it was heard of', async () => {
  const { id, key } = await register({ elsewhere: true });
  await call('POST', `/agents/${id}/heartbeat`, beatOf(1), key);
  expect(await clear(id)).toMatchObject({ status: 409, body: { message: expect.stringContaining('is idle') } });
  // By its status it gets there with what is known of it too, and does not come back.
  const { body: before } = await call('PATCH', `/agents/${id}`, { status: 'quarantined', reason: 'A look.' });
  expect(before.evidence).toMatchObject({ status: 'idle', sequence_number: 1 });
  expect(await call('PATCH', `/agents/${id}`, { status: 'idle' })).toMatchObject({
    ...{ status: 422, body: { details: [{ field: 'status' }] } },
  });
  for (const body of [{}, { evidence: ' ' }]) expect((await clear(id, body)).status).toBe(422);
  expect(await clear(id)).toMatchObject({ status: 409, body: { message: expect.stringContaining('not heard of') } });
  expect((await clear(id, undefined, key)).status).toBe(403);
  expect((await call('POST', `/agents/${id}/heartbeat`, beatOf(2), key)).status).toBe(200);
  expect((await call('GET', `/agents/${id}`)).body.status).toBe('quarantined');
  expect(await clear(id)).toMatchObject({ status: 200, body: { status: 'idle', evidence: before.evidence } });
  const { items } = (await call('GET', `/agents/${id}/transitions`)).body;
  expect(items.slice(0, 2)).toMatchObject([
    { to_status: 'idle', evidence: { evidence: 'Its tests pass again.', test: { heartbeat_at: expect.any(String) } } },
    { to_status: 'quarantined', reason: 'A look.', evidence: before.evidence },
  ]);
  // One that the platform runs has no run that goes on.
  const own = await register({});
  await quarantine(own.id);
  expect(await clear(own.id)).toMatchObject({ status: 200, body: { status: 'idle' } });
});
