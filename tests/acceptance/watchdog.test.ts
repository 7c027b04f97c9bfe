import type { Answer, Item } from '#server/contracts/client.ts';
import type { monitorStatus, remediationHistory } from '#server/contracts/watchdog.ts';
import { eventually } from '#tests/support/api.ts';
import { api, playOnShared, shared } from '#tests/support/shared.ts';
import { connectToTemporal } from '#tests/support/temporal.ts';
import { busy, startRun, turn } from '#tests/support/watched-run.ts';

type Status = Answer<typeof monitorStatus>;
type Remediation = Item<typeof remediationHistory>;

test('[WATCH-11] a guardian that was stopped is back within 25 seconds, its remediation is listed, and healthy loops stay', async () => {
  const state = { still: false };
  const played = await playOnShared(busy(state));
  const { run, ticket, task } = await startRun(played.word);
  await turn(run, 1);
  state.still = true;
  const { project_id } = task;
  const { client, close } = await connectToTemporal(shared.temporalAddress);
  const loop = (name: string) => client.workflow.getHandle(`project:${project_id}:${name}`);
  const runIds = async () =>
    Promise.all(['guardian', 'conductor', 'health'].map(async (name) => (await loop(name).describe()).runId));
  const before = await runIds();
  const status = () => api().get<Status>(`/watchdog/monitor-status?project_id=${project_id}`);
  expect((await status()).monitors.map(({ monitor, status: now }) => `${monitor} ${now}`).sort()).toEqual([
    ...['conductor healthy', 'guardian healthy', 'health healthy'],
  ]);

  await loop('guardian').terminate('stopped by hand');
  await eventually(
    'the guardian is back',
    async () => (await loop('guardian').describe()).status.name === 'RUNNING',
    25_000,
  );
  const history = () => api().get<{ items: Remediation[] }>(`/watchdog/remediation-history?project_id=${project_id}`);
  await eventually('it is recorded', async () => (await history()).items[0]?.status === 'done');
  const { items } = await history();
  expect(items).toMatchObject([
    {
      ...{ monitor: 'guardian', issue: 'no_heartbeat', policy: 'monitor_restart', by: 'watchdog', authority: 2 },
      ...{ before: { running: false }, after: { running: true }, error: null },
    },
  ]);
  const after = await runIds();
  expect(after[0]).not.toBe(before[0]);
  expect(after.slice(1)).toEqual(before.slice(1));
  expect(await status()).toMatchObject({ running: true });

  await api().post(`/tickets/${ticket}/cancel`);
  await close();
  await played.stop();
});

test('[WATCH-11] a watchdog that was stopped is brought back by its schedule', async () => {
  const state = { still: true };
  const played = await playOnShared(busy(state));
  const { ticket } = await startRun(played.word);
  const { client, close } = await connectToTemporal(shared.temporalAddress);
  const watchdog = client.workflow.getHandle('platform:watchdog');
  // Its first look turns the schedule on.
  await eventually('its schedule is on', async () => {
    const { state: now } = await client.schedule.getHandle('platform:watchdog').describe();
    return !now.paused;
  });
  const { runId } = await watchdog.describe();
  await watchdog.terminate('stopped by hand');
  await eventually('the watchdog is back', async () => {
    const found = await watchdog.describe();
    return found.runId !== runId && found.status.name === 'RUNNING';
  });
  await api().post(`/tickets/${ticket}/cancel`);
  await close();
  await played.stop();
});
