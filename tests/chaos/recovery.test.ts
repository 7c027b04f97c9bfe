import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Signal } from '#workflows/contracts/message.ts';
import { steerSignal, userMessageSignal } from '#workflows/contracts/run.ts';
import { ownStackWithRecords } from './own-records.ts';
import { eventually } from '#tests/support/api.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch, type Play } from '#tests/evaluation/support/session.ts';

/** Seconds without work after which a run counts as frozen. */
const idle = 9;

const place = ownStackWithRecords({
  OMOIOS_SANDBOX_IDLE_TIMEOUT: String(idle),
  OMOIOS_MONITORING_HEALTH_INTERVAL: '1',
});

/** Processes of this machine whose command line contains the text. */
function processesOf(words: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(words);
      } catch {
        return false;
      }
    });
}

test('[EXEC-23] a run that does nothing any more is ended with the reason and its task tried again; one that waits is left alone', async () => {
  const play: Play = (turn, request) =>
    turn === 1
      ? { tools: [call('bash', { command: 'echo kept > kept.txt' })] }
      : request.context.attempt === 1
        ? { hang: true }
        : finish(turn, 2, request);
  const paused = watch(
    (turn, request) =>
      turn === 1 ? { tools: [call('bash', { command: 'echo paused' })], delay_ms: 500 } : finish(turn, 2, request),
    { on: place.own },
    async (session) => {
      const run = await session.run((now) => now.status === 'running');
      await session.api.post(`/runs/${run.id}/pause`);
      await session.paused();
      await new Promise((resolve) => setTimeout(resolve, (idle + 4) * 1000));
      expect(await session.run()).toMatchObject({ status: 'paused' });
      await session.api.post(`/runs/${run.id}/resume`);
      expect(await session.ended()).toMatchObject({ status: 'completed' });
    },
  );
  await watch(play, { on: place.own }, async (session) => {
    const run = await session.ended();
    expect(run).toMatchObject({ status: 'failed', stop_reason: 'idle_timeout', turn: 1 });
    await session.api.until<{ status: string }>(`/runs/${run.id}/sandbox`, (sandbox) => sandbox.status !== 'running');
    expect(existsSync(path.join(place.own.stack.address.dataDir, 'sandboxes', run.sandbox_id))).toBe(false);
    const told = (await session.events(run)).find((event) => event.type === 'sandbox.terminated_idle')?.data as
      { idle_duration_seconds: number } | undefined;
    expect(told).toMatchObject({ reason: 'idle_timeout', task_id: session.task_id, transcript_saved: true });
    expect(told?.idle_duration_seconds).toBeGreaterThanOrEqual(idle);
    expect((await session.turns(run)).map((turn) => turn.turn)).toEqual([1]);
    const second = await session.ended(2);
    expect(second.status).toBe('completed');
    // The next attempt continues with the files that the frozen one left.
    expect(session.repository.show((await session.taskEnded()).branch, 'kept.txt')).toBe('kept');
  });
  await paused;
}, 180_000);

test('[EXEC-15] a sandbox is known by its lasting id: after a restart of the service it is really ended, with all that ran in it', async () => {
  await watch(
    (turn, request) =>
      turn === 1 ? { tools: [call('bash', { command: 'sleep 321 & sleep 322' })] } : finish(turn, 2, request),
    { on: place.own },
    async (session) => {
      const run = await session.run((now) => now.turn === 1);
      await eventually('the command runs', async () =>
        (await session.events(run)).some((event) => event.type === 'run.tool.started'),
      );
      const before = await session.api.get<{ provider_id: string; status: string; labels: object }>(
        `/sandboxes/${run.id}/sandbox`,
      );
      expect(before).toMatchObject({
        status: 'running',
        provider: 'local',
        labels: { project: 'omoios', task_id: session.task_id },
      });
      expect(processesOf(run.sandbox_id).length).toBeGreaterThan(0);

      place.own.stack.kill('application');
      await eventually('the application is gone', () =>
        fetch(`${place.own.stack.address.url}/ready`).then(
          () => false,
          () => true,
        ),
      );
      await place.own.stack.ready();
      expect(await session.api.get(`/sandboxes/${run.id}/sandbox`)).toMatchObject({
        provider_id: before.provider_id,
        status: 'running',
      });
      expect((await session.api.request('POST', `/sandboxes/${run.id}/stop`, { reason: 'shown' })).status).toBe(202);
      expect(await session.ended()).toMatchObject({ status: 'cancelled', stop_reason: 'stopped' });
      await session.api.until<{ status: string }>(
        `/sandboxes/${run.id}/sandbox`,
        (sandbox) => sandbox.status === 'terminated',
      );
      await eventually(
        'folder and processes are gone',
        () =>
          !existsSync(path.join(place.own.stack.address.dataDir, 'sandboxes', run.sandbox_id)) &&
          processesOf(run.sandbox_id).length === 0,
      );
      expect((await session.api.request('POST', `/sandboxes/${run.id}/stop`, {})).status).toBe(409);
    },
  );
}, 180_000);

test('[EXEC-20] a message that arrives while the worker is dead counts: an interrupt ends the unwatched command, a stop ends the run', async () => {
  await watch(
    (turn, request) =>
      turn <= 2
        ? { tools: [call('bash', { command: `echo turn ${turn}; sleep ${400 + turn}` })] }
        : finish(turn, 3, request),
    { on: place.own },
    async (session) => {
      const inCommand = (turn: number) =>
        eventually('the command runs', async () =>
          (await session.events(run)).some(
            (event) => event.type === 'run.tool.started' && (event.data as { turn: number }).turn === turn,
          ),
        );
      const whileDead = async <S extends z.ZodType>(signal: Signal<S>, input: z.input<S>) => {
        place.own.stack.kill('application');
        const temporal = await place.own.stack.temporal();
        await temporal.client.workflow.getHandle(workflowId.run(run.id)).signal(signal, input);
        await temporal.close();
        await place.own.stack.ready();
      };
      const run = await session.run((now) => now.turn === 1);
      await inCommand(1);
      await whileDead(userMessageSignal, { kind: 'interrupt', content: 'leave that' });
      await session.run((now) => now.turn === 2);
      expect(processesOf('sleep\u0000401')).toEqual([]);
      expect((await session.turns(run))[0]).toMatchObject({
        tool_calls: [{ is_error: true, result: expect.stringMatching(/^(Stopped before its end|Interrupted)/) }],
      });
      await inCommand(2);
      await whileDead(steerSignal, { kind: 'stop', message: 'enough' });
      expect(await session.ended()).toMatchObject({ status: 'cancelled', stop_reason: 'stopped', turn: 2 });
      await eventually('its processes are gone', () => processesOf(run.sandbox_id).length === 0);
    },
  );
}, 180_000);

test('[EXEC-09] a dispatcher that dies in the middle of a claim: the task is taken up again and runs once', async () => {
  let caught = false;
  for (let i = 0; i < 8 && !caught; i += 1) {
    await watch(
      (turn, request) => finish(turn, 1, request),
      { on: place.own },
      async (session) => {
        const statusOf = async () =>
          (await place.records.rows<{ status: string }>('SELECT status FROM tasks WHERE id = $1', [session.task_id]))[0]
            ?.status ?? '';
        while (['pending', ''].includes(await statusOf()));
        place.own.stack.kill('application');
        caught = (await statusOf()) === 'claiming';
        await place.own.stack.ready();
        expect(await session.taskEnded()).toMatchObject({ status: 'completed', attempt: 1 });
        expect(
          (await session.api.get<{ items: object[] }>(`/runs?task_id=${session.task_id}&kind=task`)).items,
        ).toHaveLength(1);
        const run = await session.run();
        expect(run).toMatchObject({ status: 'completed', turn: 3 });
        expect(session.asked(run)).toHaveLength(3);
        const starts = await session.api.get<{ items: object[] }>(
          `/events?after=0&entity_ids=${session.task_id}&types=task.started`,
        );
        expect(starts.items).toHaveLength(1);
      },
    );
  }
  expect(caught).toBe(true);
}, 240_000);
