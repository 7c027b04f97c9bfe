import { openCodeHosts, type GithubPlay } from './local/code-hosts.ts';

/* The checks that GitHub has of a commit. */

const hosts = await openCodeHosts();
afterAll(() => hosts.close());
let place: GithubPlay;
beforeEach(async () => {
  place = await hosts.github();
  place.github.checks.length = 0;
});

test.each([/check-runs/, /status/])(
  '[GIT-08] a limit of requests at %s is a wait, and leaves out no check',
  async (call) => {
    const { github, host, project } = place;
    github.checks.push(
      { name: 'build', conclusion: 'failure', as: 'check' },
      { name: 'lint', conclusion: 'failure', as: 'status' },
    );
    const request = await place.open('feature/limited', { 'b.txt': 'B\n' });
    github.fail(call, { when: 'before', status: 403, headers: { 'retry-after': '17' } });
    await expect(host.readChecks(project, request)).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 17 });
    expect(await host.readChecks(project, request)).toMatchObject([{ name: 'build' }, { name: 'lint' }]);
  },
);

test('[GIT-08] all checks of a commit are read, also beyond one page', async () => {
  const { github, host, project } = place;
  for (const as of ['check', 'status'] as const)
    for (let number = 1; number <= 101; number++)
      github.checks.push({ name: `${as} ${number}`, conclusion: number <= 100 ? 'success' : 'failure', as });
  const request = await place.open('feature/many-checks', { 'b.txt': 'B\n' });
  const checks = await host.readChecks(project, request);
  expect(checks.length).toBe(202);
  expect(checks.filter(({ state }) => state === 'failed').map(({ name }) => name)).toEqual(['check 101', 'status 101']);
});
