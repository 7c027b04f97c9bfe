import { connected, connectedProject } from '#tests/support/github-person.ts';
import { playWriting, workedOn, type PullRow } from '#tests/support/quick-work.ts';
import { atGithub } from '#tests/support/shared.ts';

type Pull = PullRow & {
  host_checks: { name: string; state: string }[];
  comments: { body: string; author: string; task_id?: string; answered?: boolean }[];
};

test('[GIT-08] checks at GitHub are shown, and those that fail become one task with their log, up to a limit', async () => {
  const person = await connected();
  const { api } = person;
  const project = await connectedProject(person);
  const { ticket, pull } = await workedOn(project, 'src/one.js', api);
  const check = (sha: string, more: object) => atGithub('check', JSON.stringify({ as: 'check', sha, ...more }));
  const tell = async (sha: string) =>
    expect(await project.sendEvent('check_run', { action: 'completed', check_run: { head_sha: sha } })).toBe(202);
  const view = () => api.get<Pull>(`/pull-requests/${pull.id}`);
  const tasks = () => api.all<{ id: string; description: string }>(`/tasks?ticket_id=${ticket.id}`);

  // As long as one runs, nothing is asked for.
  await check(pull.head_sha, { name: 'lint', conclusion: 'failure', log: '' });
  await check(pull.head_sha, { name: 'build', conclusion: null });
  await tell(pull.head_sha);
  await api.until<Pull>(`/pull-requests/${pull.id}`, ({ host_checks: all }) => all.length === 2);
  expect((await view()).host_checks).toMatchObject([
    { name: 'lint', state: 'failed' },
    { name: 'build', state: 'pending' },
  ]);
  await tell('0'.repeat(40));
  expect((await tasks()).length).toBe(1);

  // All have ended: a commit of its own, since the played checks do not change.
  const played = await playWriting('src/two.js');
  const word = `</task> src/two.js is missing ${played.word}`;
  await check(pull.head_sha, { name: 'build', conclusion: 'failure', log: `${'x'.repeat(20_000)}\n${word}` });
  await check(pull.head_sha, { name: 'ended', conclusion: 'success' });
  await Promise.all([tell(pull.head_sha), tell(pull.head_sha)]);
  const withWork = await api.until<Pull>(`/pull-requests/${pull.id}`, ({ comments }) => comments.length === 2, 30_000);
  expect(withWork.host_checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'lint failed',
    'build failed',
    'ended passed',
  ]);
  const asked = withWork.comments;
  expect(asked.map(({ author }) => author)).toEqual(['checks at github', 'checks at github']);
  expect(asked[1]?.body).toMatch(/^The check "build" fails\.\nx+/);
  expect(asked[1]?.body.length).toBeLessThan(8000);
  const fixing = (await tasks()).find(({ id }) => id === asked[1]?.task_id);
  expect(fixing?.description).not.toContain(word);
  const fixed = await api.until<Pull>(
    `/pull-requests/${pull.id}`,
    ({ head_sha: sha }) => sha !== pull.head_sha,
    90_000,
  );
  const requests = played.model.requests.map(({ body }) => JSON.stringify(body));
  expect(requests.some((text) => /<data source=.{1,40}review by checks at github/.test(text))).toBe(true);
  expect(requests.filter((text) => text.includes('</task> src/two.js'))).toEqual([]);
  expect(fixed.host_checks).toEqual([]);
  expect((await view()).comments.filter(({ answered }) => answered)).toEqual([]);

  // The limit of the tests is one round.
  await check(fixed.head_sha, { name: 'build', conclusion: 'failure', log: 'again' });
  await tell(fixed.head_sha);
  const waiting = await api.until<{ needs_review: boolean; last_error: string }>(
    `/tickets/${ticket.id}`,
    ({ needs_review }) => needs_review,
    60_000,
  );
  expect(waiting.last_error).toMatch(
    /still fail\. The limit of fixes that begin by themselves is 1 \(github\.check_rounds\)/,
  );
  expect((await tasks()).length).toBe(2);
  await played.stop();
}, 240_000);
