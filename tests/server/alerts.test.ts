import { randomUUID } from 'node:crypto';
import { AgentPlace } from '#tests/support/agent-place.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('alerts');
});
afterAll(() => place.close());
beforeEach(async () => {
  place.server.grants = { role: 'owner', permissions: ['*:*'] };
  for (const table of ['alerts', 'alert_rules', 'notifications']) await place.server.sql(`DELETE FROM ${table}`);
});

const call = (...given: Parameters<AgentPlace['call']>) => place.call(...given);
const alerts = async (query = '') => (await call('GET', `/alerts${query}`)).body.items;
const events = async (type: string, id: string) =>
  (await call('GET', `/events?types=${type}&entity_ids=${id}`)).body.items as { data: Record<string, unknown> }[];

async function ticket(priority: string) {
  const { organization_id, project_id, server } = place;
  const fields = { title: 'Export', description: 'It is done.', priority, workflow_mode: 'quick' };
  const made = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_IMPLEMENTATION', status: 'building', ...fields },
  });
  return made.ticket;
}
const block = (id: string, reason = 'The supplier is silent.') => call('POST', `/tickets/${id}/block`, { reason });
const unblock = (id: string) => call('POST', `/tickets/${id}/unblock`, {});
const age = (seconds: number) =>
  place.server.sql(
    `UPDATE alerts SET told_at = told_at - interval '${seconds} s', created_at = created_at - interval '${seconds} s'`,
  );

test('[WATCH-14] a blocked ticket raises one alert, which is told once in its window and ends with its cause', async () => {
  const { id, key } = await ticket('LOW');
  expect((await block(id)).status).toBe(200);
  const [alert, ...others] = await alerts();
  expect(others).toEqual([]);
  expect(alert).toMatchObject({
    ...{ rule: 'ticket_blocked', severity: 'warning', state: 'open', routing: ['slack'], project_id: place.project_id },
    ...{ current_value: 1, threshold: 0, labels: { ticket_id: id, ticket: key }, link: `/tickets/${id}`, count: 1 },
    message: `${key} is blocked: The supplier is silent.`,
  });
  // Slack alone, as the rule says, and on pages; nobody is mailed.
  const { items } = (await call('GET', '/notifications')).body;
  expect(items).toMatchObject([
    { kind: 'alert', severity: 'normal', link: `/alerts/${alert.id}`, slack: 'waiting', mail: null },
  ]);
  await unblock(id);
  expect(await alerts()).toMatchObject([{ id: alert.id, state: 'resolved', resolved_by: 'platform' }]);
  // It comes back within ten minutes: it is the same one, and not told again.
  await block(id, 'Silent again.');
  expect(await alerts()).toMatchObject([
    { id: alert.id, state: 'open', count: 2, message: `${key} is blocked: Silent again.` },
  ]);
  expect(await events('alert.triggered', alert.id)).toHaveLength(1);
  await age(601);
  await block(id, 'And again.');
  expect(await events('alert.triggered', alert.id)).toHaveLength(2);
  await unblock(id);
  await age(601);
  await block(id, 'Another day.');
  expect((await alerts()).map(({ state }: { state: string }) => state)).toEqual(['open', 'resolved']);
  expect(await alerts('?state=open')).toHaveLength(1);
  expect(await alerts('?severity=critical')).toEqual([]);
  expect(await alerts(`?project_id=${place.project_id}`)).toHaveLength(2);
});

test('[WATCH-14] a critical ticket has a rule of its own, and its alert stands in the inbox until somebody acts', async () => {
  const { id } = await ticket('CRITICAL');
  await block(id);
  const [alert] = await alerts();
  expect(alert).toMatchObject({
    rule: 'ticket_blocked_critical',
    severity: 'critical',
    routing: ['slack', 'email', 'webhook'],
  });
  const item = async () =>
    (await call('GET', '/inbox')).body.items.find(({ id: one }: { id: string }) => one === `alert:${alert.id}`);
  expect(await item()).toMatchObject({
    kind: 'alert',
    priority: 'critical',
    actions: ['acknowledge', 'resolve'],
    link: `/alerts/${alert.id}`,
  });
  expect((await call('POST', `/inbox/alert:${alert.id}/answer`, { action: 'acknowledge' })).status).toBe(202);
  expect(await item()).toBeUndefined();
  expect((await call('GET', `/alerts/${alert.id}`)).body).toMatchObject({
    ...{ state: 'acknowledged', acknowledged_by: 'owner@example.test' },
  });
  // What somebody looks after is not told again.
  await age(61);
  await block(id, 'Still.');
  expect(await events('alert.triggered', alert.id)).toHaveLength(1);
  expect(await events('alert.acknowledged', alert.id)).toHaveLength(1);
  const resolve = () => call('POST', `/alerts/${alert.id}/resolve`);
  expect(await resolve()).toMatchObject({
    status: 200,
    body: { state: 'resolved', resolved_by: 'owner@example.test' },
  });
  expect((await resolve()).status).toBe(200);
  expect(await events('alert.resolved', alert.id)).toHaveLength(1);
  expect(await call('POST', `/alerts/${alert.id}/acknowledge`)).toMatchObject({ status: 409 });
  expect((await call('GET', `/alerts/${randomUUID()}`)).status).toBe(404);
});

test('[WATCH-14] three missed heartbeats and a failed agent are told, and end when it is heard of', async () => {
  const agent = await place.register({ elsewhere: true });
  await place.server.sql(
    `UPDATE agents SET last_heartbeat_at = now() - interval '100 s', status = 'degraded', silent_sweeps = 8, missed = 2 WHERE id = '${agent.id}'`,
  );
  await place.server.store.agents.sweep(place.organization_id, 30);
  const found = await alerts('?state=open');
  expect(
    found.map(({ rule, current_value }: { rule: string; current_value: number }) => [rule, current_value]).sort(),
  ).toEqual([
    ['agent_heartbeat_missed', 3],
    ['agent_unresponsive', 1],
  ]);
  await call('POST', `/agents/${agent.id}/terminate`, {});
  expect(await alerts('?state=open')).toEqual([]);
});

test('[WATCH-07] coherence, alignment and work that nobody does raise alerts', async () => {
  const { organization_id, project_id, server } = place;
  const analysis = (system_status: string) => ({
    ...{ id: randomUUID(), organization_id, project_id, coherence_score: 0.2, system_status, active_agents: 2 },
    ...{ terms: {}, duplicates: [], recommendations: [], termination_count: 1, coordination_count: 3 },
  });
  const open = async () => (await alerts('?state=open')).map(({ rule }: { rule: string }) => rule).sort();
  await server.store.watching.saveConductor(analysis('critical'), 0.29);
  expect(await open()).toEqual(['alignment_low', 'project_critical']);
  await server.store.watching.saveConductor(analysis('warning'), 0.3);
  expect(await open()).toEqual([]);
  await server.store.watching.saveConductor(analysis('warning'), null);
  expect(await open()).toEqual([]);

  const task = await place.newTask();
  expect(await server.store.watching.minutesReady(project_id)).toBe(0);
  await server.sql(`UPDATE tasks SET score = 1, updated_at = now() - interval '6 minutes' WHERE id = '${task.id}'`);
  const minutes = await server.store.watching.minutesReady(project_id);
  expect(minutes).toBeGreaterThanOrEqual(6);
  const after = await place.newTask();
  await server.sql(`UPDATE tasks SET status = 'running' WHERE id = '${task.id}'`);
  await server.sql(
    `UPDATE tasks SET score = 1, updated_at = now() - interval '9 minutes', depends_on = '{${task.id}}' WHERE id = '${after.id}'`,
  );
  expect(await server.store.watching.minutesReady(project_id)).toBe(0);
  const checked = (minutes_without_agent: number) =>
    server.store.watching.healthChecked(organization_id, project_id, {
      active_agents: 0,
      stalled: 0,
      minutes_without_agent,
    });
  await checked(4.9);
  expect(await open()).toEqual([]);
  await checked(minutes);
  expect(await open()).toEqual(['no_active_agents']);
  await checked(0);
  expect(await open()).toEqual([]);
});

test('[WATCH-14] rules are changed, made and removed; what they no longer call for ends', async () => {
  const { id } = await ticket('LOW');
  await block(id);
  const rule = {
    ...{ metric: 'ticket_blocked', operator: '>', threshold: 0, severity: 'error', routing: ['email', 'email'] },
    ...{ deduplication_window: 0, enabled: false },
  };
  const off = await call('PUT', '/alerts/rules/ticket_blocked', rule);
  expect(off.status).toBe(200);
  expect(off.body.items.find(({ name }: { name: string }) => name === 'ticket_blocked')).toMatchObject({
    ...{ enabled: false, is_default: false, routing: ['email'], updated_by: 'owner@example.test' },
  });
  expect(await alerts('?state=open')).toEqual([]);
  await block(id, 'Unseen.');
  expect(await alerts('?state=open')).toEqual([]);
  await call('PUT', '/alerts/rules/any_block', { ...rule, enabled: true, operator: '>=', threshold: 1 });
  await block(id, 'Seen.');
  expect(await alerts('?state=open')).toMatchObject([{ rule: 'any_block', severity: 'error' }]);
  expect((await call('DELETE', '/alerts/rules/any_block')).status).toBe(200);
  expect(await alerts('?state=open')).toEqual([]);
  const back = await call('DELETE', '/alerts/rules/ticket_blocked');
  expect(back.body.items.find(({ name }: { name: string }) => name === 'ticket_blocked')).toMatchObject({
    is_default: true,
  });
  expect(await call('DELETE', '/alerts/rules/ticket_blocked')).toMatchObject({ status: 409 });
  expect((await call('DELETE', '/alerts/rules/never_made')).status).toBe(404);
  for (const [field, value] of Object.entries({
    operator: '=~',
    metric: 'load',
    severity: 'fatal',
    routing: ['fax'],
    deduplication_window: -1,
  }))
    expect(await call('PUT', '/alerts/rules/any_block', { ...rule, [field]: value })).toMatchObject({
      ...{ status: 422, body: { details: [{ field: expect.stringContaining(field) }] } },
    });
});
