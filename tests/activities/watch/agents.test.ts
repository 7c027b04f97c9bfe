import { createAgentWatch } from '#activities/watch/agents.ts';
import type { Services } from '#activities/ports/services.ts';
import { AgentPlace } from '#tests/support/agent-place.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('agent-watch');
});
afterAll(() => place.close());

test('[EXEC-32] [WATCH-10] the loop restarts a silent agent, not at once again, and leaves one that never recovers to a person', async () => {
  const { organization_id, server } = place;
  const monitoring = { enabled: true, heartbeat_interval: 30, restart_cooldown: 60, restarts_per_hour: 3 };
  const services = {
    store: server.store,
    config: { monitoring },
    workflows: { signalIfRunning: () => Promise.resolve(false) },
  } as unknown as Services;
  const { watchAgents } = createAgentWatch(services);
  const look = (counts = true) => watchAgents({ organization_id, counts, cut: [] });
  const open = async () => (await server.store.agents.open(organization_id)).map(({ id, status }) => ({ id, status }));
  const age = () =>
    server.sql(`
      UPDATE agents
      SET created_at = created_at - interval '100 s', restarted_at = restarted_at - interval '100 s', silent_sweeps = 8
      WHERE status <> 'terminated'`);
  const { id } = await place.register({ elsewhere: true });
  await server.sql(`UPDATE agents SET status = 'degraded', missed = 2, silent_sweeps = 8 WHERE id = '${id}'`);
  await age();
  // A look on request counts for nobody.
  expect(await look(false)).toEqual({ watched: 1, stopping: [] });
  expect(await open()).toEqual([{ id, status: 'degraded' }]);
  await look();
  const [second] = await open();
  expect(second).toMatchObject({ status: 'spawning' });
  expect(second?.id).not.toBe(id);
  // It is silent as well, and the limit of time between restarts holds.
  await server.sql(
    `UPDATE agents SET created_at = created_at - interval '100 s', silent_sweeps = 8 WHERE id = '${second?.id}'`,
  );
  await look();
  expect(await open()).toEqual([{ id: second?.id, status: 'failed' }]);
  for (let i = 0; i < 2; i += 1) {
    await server.sql(`UPDATE agents SET restarted_at = restarted_at - interval '100 s'`);
    await look();
    await age();
    await look();
  }
  await server.sql(`UPDATE agents SET restarted_at = restarted_at - interval '100 s'`);
  await look();
  const [last] = await open();
  expect(last).toMatchObject({ status: 'failed' });
  expect(await look()).toEqual({ watched: 0, stopping: [] });
  expect(await open()).toEqual([last]);
  const events = (await place.call('GET', '/events?types=agent.restarted,agent.restart_escalated')).body.items;
  expect(events.map(({ type }: { type: string }) => type)).toEqual([
    ...['agent.restarted', 'agent.restarted', 'agent.restarted', 'agent.restart_escalated'],
  ]);
});
