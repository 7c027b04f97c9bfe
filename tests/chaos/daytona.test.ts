import { execFileSync } from 'node:child_process';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { eventually } from '#tests/support/api.ts';
import { canPlayBoxes } from '#tests/support/box.ts';
import { Daytona } from '#tests/support/daytona.ts';
import { Github } from '#tests/support/github.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch } from '#tests/evaluation/support/session.ts';

(canPlayBoxes ? describe : describe.skip)('runs in sandboxes at Daytona', () => {
  let daytona: Daytona;
  let github: Github;
  let own: OwnStack;
  beforeAll(async () => {
    daytona = await Daytona.start();
    github = await Github.start();
    own = await OwnStack.start({
      ...{ DAYTONA_API_KEY: daytona.key, DAYTONA_API_URL: daytona.api },
      ...{ CODE_HOST: 'github', GITHUB_URL: github.url, GITHUB_TOKEN: github.token('installation', []) },
    });
  });
  afterAll(async () => {
    await own.stop();
    await daytona.close();
    github.close();
  });

  test('[EXEC-14] [EXEC-15] [GIT-06] a ticket becomes one pull request at GitHub, though its worker is killed at work and while it opens it, and its sandbox vanishes', async () => {
    // The first creation and the first calls fail, and pass when they are tried again.
    daytona.fail({ request: /POST .api.sandbox$/, status: 502 });
    daytona.fail({ request: /execute/, status: 429, headers: { 'retry-after': '1' } });
    let hosted = { url: '', git_dir: '', token: '' };
    const hostAt = (path: string) => {
      hosted = github.host('acme/far', path);
      return hosted.url.replace('//', `//x-access-token:${hosted.token}@`);
    };
    const show = (branch: string, file: string) =>
      execFileSync('git', ['--git-dir', hosted.git_dir, 'show', `${branch}:${file}`], { encoding: 'utf8' }).trim();
    await watch(
      (turn, request) => {
        if (turn === 1) return { tools: [call('bash', { command: 'echo kept > kept.txt; echo first' })] };
        if (turn === 2) return { tools: [call('bash', { command: 'echo run >> /tmp/runs; sleep 3; cat /tmp/runs' })] };
        if (turn === 3) return { tools: [call('bash', { command: 'cat kept.txt' })] };
        return finish(turn, 4, request);
      },
      { on: own, settings: { validation: 'none' }, hostAt },
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
        // GitHub opens the pull request, and who asked for it dies before its answer.
        let kills = 0;
        const strikes = () => {
          own.stack.kill('application');
          return (kills += 1) > 0;
        };
        github.fail(/POST .*\/pulls$/, { strikes });
        github.fail(/POST .*\/labels$/);
        const ended = await session.ended();
        expect(ended).toMatchObject({ status: 'completed', sandbox_id: run.sandbox_id });
        expect(daytona.created.filter(({ name }) => name === run.sandbox_id).length).toBeGreaterThan(1);
        expect(before).toBeDefined();
        const { branch } = await session.taskEnded();
        expect(show(branch, 'kept.txt')).toBe('kept');
        const { items } = await session.api.until<{ items: { branch: string }[] }>(
          `/pull-requests?project_id=${session.project_id}`,
          (page) => page.items.length > 0,
        );
        expect(show(items[0]?.branch ?? '', 'src/double.js')).toContain('2 * n');
        expect(github.pulls).toMatchObject([{ number: 1, head: items[0]?.branch, state: 'open', labels: ['omoios'] }]);
        expect([items.length, kills]).toEqual([1, 1]);
        expect(await session.api.get(`/sandboxes/${run.id}/sandbox`)).toMatchObject({ provider: 'daytona' });
        await eventually('its sandboxes are gone', () => daytona.names.length === 0);
      },
    );
    // The keys are in no log and no record of the stack.
    const { dataDir } = own.stack.address;
    for (const secret of [daytona.key, hosted.token])
      expect(() => execFileSync('grep', ['-ral', secret, dataDir])).toThrow();
  }, 240_000);
});
