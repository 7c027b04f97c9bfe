import { execFileSync } from 'node:child_process';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { eventually } from '#tests/support/api.ts';
import { canPlayBoxes } from '#tests/support/box.ts';
import { Daytona } from '#tests/support/daytona.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch } from '#tests/evaluation/support/session.ts';

(canPlayBoxes ? describe : describe.skip)('runs in sandboxes at Daytona', () => {
  let daytona: Daytona;
  let own: OwnStack;
  beforeAll(async () => {
    daytona = await Daytona.start();
    own = await OwnStack.start({ DAYTONA_API_KEY: daytona.key, DAYTONA_API_URL: daytona.api });
  });
  afterAll(async () => {
    await own.stop();
    await daytona.close();
  });

  test('[EXEC-14] [EXEC-15] a ticket becomes a pull request, though its worker is killed and its sandbox vanishes', async () => {
    // The first creation and the first calls fail, and pass when they are tried again.
    daytona.fail({ request: /POST .api.sandbox$/, status: 502 });
    daytona.fail({ request: /execute/, status: 429, headers: { 'retry-after': '1' } });
    await watch(
      (turn, request) => {
        if (turn === 1) return { tools: [call('bash', { command: 'echo kept > kept.txt; echo first' })] };
        if (turn === 2) return { tools: [call('bash', { command: 'echo run >> /tmp/runs; sleep 3; cat /tmp/runs' })] };
        if (turn === 3) return { tools: [call('bash', { command: 'cat kept.txt' })] };
        return finish(turn, 4, request);
      },
      { on: own, settings: { validation: 'none' } },
      async (session) => {
        const run = await session.run((now) => now.turn === 2);
        await eventually('the command runs', async () =>
          (await session.events(run)).some((event) => event.type === 'run.tool.started' && event.data.turn === 2),
        );
        // The next worker finds the command that this one started.
        own.stack.kill('application');
        await own.stack.ready();
        await eventually('its output is stored', async () =>
          (await session.turns(run)).some((turn) => turn.turn === 2 && turn.tool_calls[0]?.status === 'done'),
        );
        const second = (await session.turns(run)).find((turn) => turn.turn === 2);
        expect(second?.tool_calls[0]).toMatchObject({ exit_code: 0, is_error: false });
        expect(second?.tool_calls[0]?.result).toContain('run');
        expect(second?.tool_calls[0]?.result).not.toMatch(/run\s+run/);
        const before = daytona.named(run.sandbox_id)?.dto.id;
        await daytona.lose(run.sandbox_id);
        const ended = await session.ended();
        expect(ended).toMatchObject({ status: 'completed', sandbox_id: run.sandbox_id });
        expect(daytona.created.filter(({ name }) => name === run.sandbox_id).length).toBeGreaterThan(1);
        expect(before).toBeDefined();
        const { branch } = await session.taskEnded();
        expect(session.repository.show(branch, 'kept.txt')).toBe('kept');
        const { items } = await session.api.until<{ items: { branch: string }[] }>(
          `/pull-requests?project_id=${session.project_id}`,
          (page) => page.items.length > 0,
        );
        expect(session.repository.show(items[0]?.branch ?? '', 'src/double.js')).toContain('2 * n');
        expect(await session.api.get(`/sandboxes/${run.id}/sandbox`)).toMatchObject({ provider: 'daytona' });
        await eventually('its sandboxes are gone', () => daytona.names.length === 0);
      },
    );
    // The key is in no log and no record of the stack.
    const { dataDir } = own.stack.address;
    expect(() => execFileSync('grep', ['-ral', daytona.key, dataDir])).toThrow();
  }, 240_000);
});
