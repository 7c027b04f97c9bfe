import { randomUUID } from 'node:crypto';
import { AgentPlace, beatOf } from '#tests/support/agent-place.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('agents');
});
afterAll(() => place.close());

const call: AgentPlace['call'] = (...input) => place.call(...input);
const register: AgentPlace['register'] = (fields) => place.register(fields);
const newTask: AgentPlace['newTask'] = (...input) => place.newTask(...input);

test('[EXEC-28] an agent registers idle under the next name of its kind; a capacity of 0 and unknown types are refused', async () => {
  const first = await call('POST', '/agents/register', {
    ...{
      agent_type: 'worker',
      phase_id: 'PHASE_TESTING',
      project_id: place.project_id,
      capabilities: [' Jest', 'jest'],
      capacity: 2,
    },
    tags: ['night'],
  });
  expect(first).toMatchObject({
    status: 201,
    body: {
      name: 'worker-testing-001',
      status: 'idle',
      capabilities: ['jest'],
      capacity: 2,
      key: null,
      project_id: place.project_id,
    },
  });
  expect((await register({ phase_id: 'PHASE_TESTING' })).name).toBe('worker-testing-002');
  const { id } = first.body;
  expect((await call('GET', `/agents/${id}`)).body).toMatchObject({ name: 'worker-testing-001', runs: [], busy: 0 });
  expect((await call('GET', `/agents?project_id=${place.project_id}&phase_id=PHASE_TESTING`)).body.items).toHaveLength(
    2,
  );
  expect((await call('PATCH', `/agents/${id}`, { capabilities: ['Jest', 'Vitest'], capacity: 3 })).body).toMatchObject({
    capabilities: ['jest', 'vitest'],
    capacity: 3,
  });
  expect((await call('POST', `/agents/${id}/availability`, { available: false })).body.available).toBe(false);
  for (const wrong of [{ capacity: 0 }, { capacity: 11 }, { agent_type: 'wizard' }, { phase_id: 'testing' }])
    expect((await call('POST', '/agents/register', { agent_type: 'worker', ...wrong })).status).toBe(422);
  expect(
    (
      await call('POST', '/agents/register', {
        agent_type: 'worker',
        phase_id: 'PHASE_NONE',
        project_id: place.project_id,
      })
    ).status,
  ).toBe(422);
  place.server.grants = { role: 'member', permissions: ['agent:read', 'task:write'] };
  expect((await call('POST', '/agents/register', { agent_type: 'worker' })).status).toBe(403);
  place.server.grants = { role: 'owner', permissions: ['*:*'] };
  const { items } = (await call('GET', '/events?types=agent.registered')).body;
  expect(items[0].data).toMatchObject({ name: 'worker-testing-001', agent_type: 'worker', phase_id: 'PHASE_TESTING' });
});

test('[EXEC-29] [WATCH-09] the status follows its table with an audited reason, and an agent that has ended comes back by no move', async () => {
  const { id } = await register();
  const move = (status: string) => call('PATCH', `/agents/${id}`, { status, reason: `to ${status}` });
  expect((await move('failed')).status).toBe(409);
  for (const status of ['degraded', 'quarantined']) expect((await move(status)).status).toBe(200);
  expect((await call('POST', `/agents/${id}/clear`, { evidence: 'It was a test.' })).status).toBe(200);
  expect((await move('terminated')).status).toBe(200);
  expect(await move('idle')).toMatchObject({
    status: 409,
    body: { message: 'An agent that is terminated cannot become idle: it has ended.' },
  });
  const { items } = (await call('GET', `/agents/${id}/transitions?limit=10`)).body;
  expect(items.map((row: { from_status: string; to_status: string }) => [row.from_status, row.to_status])).toEqual([
    ['idle', 'terminated'],
    ['quarantined', 'idle'],
    ['degraded', 'quarantined'],
    ['idle', 'degraded'],
    ['spawning', 'idle'],
  ]);
  expect(items[3]).toMatchObject({ reason: 'to degraded', by: 'owner@example.test' });
  const moves = (await call('GET', `/events?types=agent.status_changed&entity_ids=${id}`)).body.items;
  expect(moves.at(-1).data).toMatchObject({
    previous_status: 'idle',
    new_status: 'terminated',
    reason: 'to terminated',
  });
});

test('[EXEC-30] a perfect idle agent of capacity 1 scores 1.45; without a match there is no best one', async () => {
  const { id } = await register({ capabilities: ['cobol', 'jcl'], project_id: place.project_id });
  await register({ capabilities: ['cobol'], capacity: 5, project_id: place.project_id });
  const { agents } = (await call('GET', '/agents/search?capabilities=COBOL,jcl')).body;
  expect(agents.map(({ score, coverage }: { score: number; coverage: number }) => [score, coverage])).toEqual([
    [1.45, 1],
    [1.15, 0.5],
  ]);
  expect((await call('GET', '/agents/best-fit?capabilities=cobol,jcl')).body).toMatchObject({ id, score: 1.45 });
  expect((await call('GET', '/agents/best-fit?capabilities=cobol,flying')).status).toBe(404);
  expect((await call('GET', '/agents/search?limit=21')).status).toBe(422);
});

test('[EXEC-31] [WATCH-08] heartbeats name gaps; a wrong checksum, a wrong id and an old number change nothing', async () => {
  const { id, key } = await register({ elsewhere: true });
  expect(key).toMatch(/^sk_agent_/);
  const beat = (body: object, by: string | undefined = key) => call('POST', `/agents/${id}/heartbeat`, body, by);
  expect(await beat(beatOf(1))).toMatchObject({
    status: 200,
    body: { sequence_number: 1, received: true, missing: [] },
  });
  expect((await beat(beatOf(5))).body).toMatchObject({ missing: [2, 3, 4], message: 'Received. Never came: 2, 3, 4.' });
  expect((await beat(beatOf(5))).body).toMatchObject({ received: true, missing: [] });
  expect((await beat(beatOf(4))).status).toBe(409);
  expect((await beat({ ...beatOf(6), status: 'running' })).status).toBe(400);
  expect((await beat({ ...beatOf(6), checksum: 'none' })).status).toBe(400);
  expect((await beat(beatOf(6, { agent_id: randomUUID() }))).status).toBe(400);
  expect((await call('GET', `/agents/${id}`, undefined, key)).body).toMatchObject({
    sequence_number: 5,
    health_metrics: { cpu: 0.5, memory_mb: 120 },
  });
  const other = await register({ elsewhere: true });
  expect((await beat(beatOf(6), other.key)).status).toBe(403);
  expect((await call('GET', '/agents', undefined, key)).status).toBe(403);
  const here = await register();
  expect((await call('POST', `/agents/${here.id}/heartbeat`, beatOf(1))).status).toBe(409);
});

test('[EXEC-31] [WATCH-08] silence walks the ladder, one heartbeat leads back, and neither a clock nor a pause fails anybody', async () => {
  const { id, key, name } = await register({ elsewhere: true, capabilities: ['ladder'] });
  const silent = (seconds: number) =>
    place.server.sql(
      `UPDATE agents SET last_heartbeat_at = clock_timestamp() - interval '${seconds} s' WHERE id = '${id}'`,
    );
  const status = async () => (await call('GET', `/agents/${id}`)).body.status;
  const sweep = async (times: number) => {
    for (let i = 0; i < times; i += 1) await place.server.store.agents.sweep(place.organization_id, 30);
    return status();
  };
  await call('POST', `/agents/${id}/heartbeat`, beatOf(1), key);
  // The clock says an hour, and the loop has looked twice.
  await silent(3600);
  expect(await sweep(2)).toBe('idle');
  expect(await sweep(1)).toBe('idle');
  expect((await call('GET', `/agents/${id}/health`)).body).toMatchObject({ missed: 1, stale: true, healthy: false });
  expect(await sweep(3)).toBe('degraded');
  await call('POST', `/agents/${id}/heartbeat`, beatOf(2), key);
  expect(await status()).toBe('idle');
  // Looks without silence count for nobody.
  expect(await sweep(12)).toBe('idle');
  await silent(100);
  expect((await call('GET', '/agents/stale')).body.agents).toContainEqual(expect.objectContaining({ agent_id: id }));
  await place.server.sql(`UPDATE agents SET silent_sweeps = 8, missed = 2, status = 'degraded' WHERE id = '${id}'`);
  expect(await place.server.store.agents.sweep(place.organization_id, 30)).toMatchObject({ failed: [id] });
  const missed = (await call('GET', `/events?types=agent.heartbeat.missed&entity_ids=${id}`)).body.items;
  expect(missed.map(({ data }: { data: object }) => data)).toEqual([
    expect.objectContaining({ name, missed_count: 1, escalation_level: 'warn' }),
    expect.objectContaining({ missed_count: 2, escalation_level: 'degraded' }),
    expect.objectContaining({ missed_count: 3, escalation_level: 'failed' }),
  ]);
});

/** The agents in the inbox. */
const waiting = async () =>
  (await call('GET', '/inbox')).body.items.filter(({ kind }: { kind: string }) => kind === 'agent');

test('[EXEC-32] [WATCH-10] a restart puts the same kind in the place; the fourth in an hour asks a person', async () => {
  const fields = { capabilities: ['restarts'], capacity: 3, elsewhere: true };
  let agent = await register(fields);
  const { key } = agent;
  const again = (body: object = {}) => call('POST', `/agents/${agent.id}/restart`, body);
  for (let i = 1; i <= 3; i += 1) {
    const { status, body } = await again({ reason: 'It hangs.' });
    expect([status, body.status, body.replaces_id]).toEqual([202, 'spawning', agent.id]);
    expect(body).toMatchObject({ capabilities: ['restarts'], capacity: 3, elsewhere: true });
    // A second request finds the replacement.
    expect((await again()).body.id).toBe(body.id);
    expect((await call('GET', `/agents/${agent.id}`)).body).toMatchObject({
      status: 'terminated',
      replaced_by_id: body.id,
    });
    agent = body;
    expect(await again()).toMatchObject({ status: 409, body: { details: { escalated: false } } });
    await place.server.sql(
      `UPDATE agents SET restarted_at = restarted_at - interval '100 s' WHERE restarted_at IS NOT NULL`,
    );
  }
  expect(await again()).toMatchObject({ status: 409, body: { details: { escalated: true } } });
  expect((await call('GET', `/agents/${agent.id}`)).body.escalated_at).not.toBeNull();
  expect(await waiting()).toMatchObject([
    {
      ...{ id: `agent:${agent.id}`, title: agent.name },
      actions: ['restart', 'terminate'],
      link: `/agents/${agent.id}`,
    },
  ]);
  const events = (await call('GET', `/events?types=agent.restarted,agent.restart_escalated`)).body.items;
  expect(events.map(({ type }: { type: string }) => type)).toEqual([
    ...['agent.restarted', 'agent.restarted', 'agent.restarted', 'agent.restart_escalated'],
  ]);
  // Its key is now that of the newest one, which is idle from its first heartbeat on.
  expect((await call('POST', `/agents/${agent.id}/heartbeat`, beatOf(1), key)).status).toBe(200);
  expect((await call('GET', `/agents/${agent.id}`)).body.status).toBe('idle');
  expect((await call('POST', `/inbox/agent:${agent.id}/answer`, { action: 'restart' })).status).toBe(202);
  expect((await call('GET', `/agents/${agent.id}`)).body.status).toBe('terminated');
  expect(await waiting()).toEqual([]);
  expect((await call('POST', `/agents/${agent.id}/restart`, {}, key)).status).toBe(403);
});

test('[EXEC-04] a task that wants capabilities waits until an agent that has them is free, and says so', async () => {
  const task = await newTask(['haskell']);
  const held = async (holders: string[] = []) => {
    await place.server.store.slots.holdBack(place.organization_id, { taskIds: [task.id], holders }, 0);
    return (await call('GET', `/tasks/${task.id}`)).body;
  };
  expect(await held()).toMatchObject({
    waiting_for: 'agent',
    waiting_reason: 'No agent of this phase has the capabilities haskell. Register one, or change the task.',
  });
  const away = await register({ capabilities: ['haskell'], elsewhere: true });
  expect((await held()).waiting_reason).toBe(
    `It waits until an agent that runs elsewhere and has haskell accepts it: ${away.name}.`,
  );
  const agent = await register({ capabilities: ['haskell', 'nix'] });
  expect(await held()).toMatchObject({ waiting_for: null });
  const other = await newTask(['haskell'], 'Import');
  expect(await held([other.id])).toMatchObject({ waiting_for: 'agent' });
  expect((await held([other.id])).waiting_reason).toContain(`${agent.name}`);
  expect(await place.server.store.agents.assign(place.organization_id, task.id)).toMatchObject({ id: agent.id });
  await place.server.store.tasks.claim(place.organization_id, task.id);
  expect(await place.server.store.agents.assign(place.organization_id, task.id)).toMatchObject({ id: agent.id });
  expect((await call('GET', `/agents/${agent.id}`)).body.busy).toBe(1);
  expect(await place.server.store.agents.assign(place.organization_id, (await newTask()).id)).not.toMatchObject({
    id: agent.id,
  });
});

test('an agent that runs elsewhere sees the tasks that it can take, and accepts one once', async () => {
  const { id, key } = await register({
    capabilities: ['fortran'],
    capacity: 1,
    elsewhere: true,
    project_id: place.project_id,
  });
  const rival = await register({ capabilities: ['fortran'], elsewhere: true, project_id: place.project_id });
  const [task, second] = [await newTask(['fortran'], 'Port it'), await newTask(['fortran'], 'Port more')];
  const work = async () => (await call('GET', `/agents/${id}/work`, undefined, key)).body;
  expect((await work()).offered.map((row: { id: string }) => row.id)).toEqual(
    expect.arrayContaining([task.id, second.id]),
  );
  const accept = (agent: { id: string; key: string }, taskId: string) =>
    call('POST', `/agents/${agent.id}/work/${taskId}/accept`, undefined, agent.key);
  expect((await accept({ id, key }, task.id)).status).toBe(200);
  expect((await accept({ id, key }, task.id)).status).toBe(200);
  expect((await accept(rival, task.id)).body.message).toBe('Another agent has this task.');
  expect((await accept({ id, key }, second.id)).status).toBe(409);
  expect((await accept({ id: rival.id, key }, second.id)).status).toBe(403);
  expect((await accept({ id, key }, randomUUID())).status).toBe(404);
  expect((await work()).taken.map((row: { id: string }) => row.id)).toEqual([task.id]);
  const { waiting_for } = (await call('GET', `/tasks/${task.id}`)).body;
  expect(waiting_for).toBeNull();
  const report = { agent_id: id, event_type: 'tests.started', event_data: { suite: 'unit' } };
  expect((await call('POST', '/agent-events', report, key)).status).toBe(202);
  expect((await call('POST', '/agent-events', { ...report, agent_id: rival.id }, key)).status).toBe(403);
});
