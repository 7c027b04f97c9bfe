import type { Services } from '#activities/ports/services.ts';
import { createWatchdog } from '#activities/watch/watchdog.ts';
import type { WatchdogState } from '#workflows/contracts/watch.ts';
import { issueOf, remedyFor } from '#workflows/domain/watch/watchdog.ts';
import { AgentPlace } from '#tests/support/agent-place.ts';
import { silent } from '#tests/support/own-server.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('watchdog');
});
afterAll(() => place.close());

const monitoring = {
  ...{ guardian_interval: 60, conductor_interval: 300, health_interval: 30, watchdog_ttl: 15 },
};

test('[WATCH-11] a loop that dies again and again is started twice, then a person is asked once, until it is back', async () => {
  const { organization_id, server } = place;
  await place.register({ elsewhere: true });
  const id = `heartbeats:${organization_id}`;
  let running = false;
  let starts = 0;
  const services = {
    ...{ store: server.store, config: { monitoring }, log: silent },
    workflows: {
      guardWatchdog: () => Promise.resolve(),
      runningLoops: () => Promise.resolve([]),
      state: () => Promise.resolve({ running, task_attempt: 0, step_attempt: 0 }),
      terminate: () => Promise.resolve(),
      watchAgents: () => {
        starts += 1;
        running = starts < 3;
        return Promise.resolve();
      },
    },
  } as unknown as Services;
  const { watchMonitors } = createWatchdog(services);
  let state: WatchdogState = { looks: {}, guarded: false };
  const look = async () => {
    const { watched, ...next } = await watchMonitors(state);
    state = next;
    return watched;
  };
  const acts = async () =>
    (await server.request('GET', '/watchdog/remediation-history')).body.items.map(
      ({ policy, status }: { policy: string; status: string }) => `${policy} ${status}`,
    );
  const alerts = async () =>
    (await server.request('GET', '/alerts')).body.items.map(
      ({ rule, state: now }: { rule: string; state: string }) => `${rule} ${now}`,
    );
  const minuteLater = () =>
    server.sql(`UPDATE watchdog_actions SET created_at = created_at - interval '61 s' WHERE workflow_id = '${id}'`);

  expect(await look()).toBe(1);
  // One look may have come before the loop.
  expect(await acts()).toEqual([]);
  await look();
  expect(await acts()).toEqual(['monitor_restart done']);
  running = false;
  await look();
  await look();
  // The first one has its minute.
  expect(await acts()).toHaveLength(1);
  await minuteLater();
  await look();
  expect(await acts()).toEqual(['monitor_restart done', 'monitor_restart done']);
  running = false;
  await minuteLater();
  for (let i = 0; i < 3; i += 1) await look();
  expect(starts).toBe(2);
  expect(await acts()).toEqual(['escalate open', 'monitor_restart done', 'monitor_restart done']);
  expect(await alerts()).toEqual(['watchdog_remediation_escalation open']);

  // A person starts it, in vain and then well.
  const again = () =>
    server.request('POST', '/watchdog/execute-remediation', {
      ...{ monitor: 'heartbeats', policy: 'monitor_restart', reason: 'The machine is back.' },
    });
  expect(await again()).toMatchObject({
    ...{ status: 200, body: { status: 'failed', authority: 4, by: 'owner@example.test' } },
  });
  expect(await alerts()).toContain('watchdog_remediation_failed open');
  running = true;
  await look();
  expect(await alerts()).toContain('watchdog_remediation_escalation resolved');
});

test('[WATCH-11] only what Temporal knows makes an issue, and a worker that is slow is none', () => {
  const well = { running: true, task_attempt: 1, step_attempt: 1 };
  const late = { overdue: 10_000, interval: 60 };
  expect(issueOf(well, late)).toBeNull();
  expect(issueOf({ ...well, step_attempt: 0 }, { overdue: 100, interval: 60 })).toBeNull();
  expect(issueOf({ ...well, step_attempt: 0 }, late)).toBe('missed_heartbeats');
  expect(issueOf({ ...well, task_attempt: 3 }, { overdue: null, interval: 0 })).toBe('unresponsive');
  expect(issueOf({ ...well, running: false }, { overdue: -50, interval: 60 })).toBe('no_heartbeat');
  const restart = { policy: 'monitor_restart' as const, age_seconds: 100 };
  expect(remedyFor('unresponsive', [restart, restart], true)).toBe('monitor_failover');
  expect(remedyFor('unresponsive', [restart, restart], false)).toBe('escalate');
  expect(remedyFor('missed_heartbeats', [], true)).toBe('escalate');
  expect(remedyFor('no_heartbeat', [{ ...restart, age_seconds: 30 }], true)).toBeNull();
});
