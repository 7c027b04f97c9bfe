import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { eventually } from '#tests/support/api.ts';
import { Hold } from '#tests/support/hold.ts';
import { share } from '#tests/support/share.ts';
import { broken } from './invariants.ts';
import { claimDone, count, countFile, playWork, review, type Work } from './played-work.ts';
import { World } from './world.ts';

const hour = 3_600_000;
const labels = ['first', 'second', 'third'];
/** The second takes long enough for the clock to be set while it runs. */
const work: Work = { turns: [[count('first')], [count('second', 5)], [count('third')]], done: claimDone };

describe('the clock of the application is set', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-clock-'));
  const file = path.join(folder, 'shift');
  let shift = 0;
  let world: World;

  /** Sets it, and waits until the application has it: its records carry the new time. */
  async function setClock(by: number): Promise<void> {
    shift += by;
    writeFileSync(file, String(shift));
    await eventually('the clock is set', async () => {
      const since = (await world.stack.api.get<{ until: string }>('/report')).until;
      return Math.abs(Date.parse(since) - Date.now() - shift) < hour / 4;
    });
  }

  beforeAll(async () => {
    writeFileSync(file, '0');
    world = await World.start({
      NODE_OPTIONS: `--import=${path.join(rootDir, 'tests/chaos/shifted-clock.mjs')}`,
      TEST_CLOCK_FILE: file,
      // Upkeep looks all the time, and takes a run for frozen long before an hour has passed.
      OMOIOS_MONITORING_HEALTH_INTERVAL: '1',
      OMOIOS_SANDBOX_IDLE_TIMEOUT: '60',
      OMOIOS_MODEL_IDLE_TIMEOUT: '120',
      OMOIOS_RUN_MAX_SECONDS: '1800',
      // Each turn crosses the workflow, whose clock is the server's.
      OMOIOS_RUN_STRETCH_SECONDS: '0',
      OMOIOS_TOOLS_COMMAND_TIMEOUT: '120',
    });
  });
  afterAll(async () => {
    await world?.stop();
    rmSync(folder, { recursive: true });
  });

  const ways: [string, number][] = [
    ['forward', hour],
    ['back', -hour],
  ];
  test.each(share(ways))(
    '%s by an hour, in a model call, in a command and in the check: the run goes on as if nothing were',
    async (_, by) => {
      const hold = new Hold();
      const place = await world.place(
        async (request) => {
          if (request.context.kind === 'task' && request.step === 0) await hold.here();
          return playWork(request, request.context.kind === 'validation' ? review : work);
        },
        { checks: ['sleep 4; make test'] },
      );
      const ticket = await world.ticket(place);
      await hold.reached;
      await setClock(by);
      hold.release();
      const run = await world.runOf(ticket);
      await eventually(
        'the command runs',
        async () =>
          (
            await world.records.rows(
              "SELECT 1 FROM tool_calls WHERE run_id = $1 AND tool_use_id LIKE 'toolu_second_%' AND status = 'running'",
              [run],
            )
          ).length > 0,
        60_000,
      );
      await setClock(-by);
      await eventually(
        'its check runs',
        async () => (await world.records.rows('SELECT 1 FROM turns WHERE run_id = $1 AND turn = 5', [run])).length > 0,
        60_000,
      );
      await setClock(by);

      const pull = await world.pullRequest(ticket);
      const lines = ticket.repository.show(pull.branch, countFile).split('\n');
      const evidence = await world.evidence([ticket.id], {
        effects: labels.map((label) => ({
          what: label,
          expected: 1,
          found: lines.filter((line) => line === label).length,
        })),
      });
      expect(broken(evidence)).toEqual([]);
      expect(evidence.rows.pull_requests).toHaveLength(1);
      // One attempt, and no turn asked for twice.
      expect(
        await world.records.rows('SELECT attempt, status FROM runs WHERE project_id = $1 ORDER BY kind', [ticket.id]),
      ).toEqual([
        { attempt: 1, status: 'completed' },
        { attempt: 1, status: 'completed' },
      ]);
      expect(evidence.asked).toHaveLength(evidence.rows.turns.length);
      await setClock(-shift);
    },
    240_000,
  );
});
