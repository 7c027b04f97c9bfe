import { connected, connectedProject } from '#tests/support/github-person.ts';
import { playWriting, workedOn, type PullRow } from '#tests/support/quick-work.ts';
import { atGithub, temporalClient } from '#tests/support/shared.ts';

type Pull = PullRow & {
  draft: { state: string; note: string } | null;
  merge: { by: string; waits_for: string; ended?: string } | null;
  merged_by: string | null;
};

/** A pull request at GitHub, whose repository has rules. */
async function opened(rules: object) {
  const person = await connected();
  const project = await connectedProject(person);
  const { api, place } = person;
  await atGithub('rules', place, JSON.stringify(rules));
  const { ticket, pull } = await workedOn(project, 'src/one.js', api);
  const tell = async (name = 'pull_request', event: object = { pull_request: { number: 1 } }) =>
    expect(await project.sendEvent(name, event)).toBe(202);
  const hosted = async () => (await atGithub('pulls')).pulls.find(({ repository }) => repository === place);
  const until = (done: (row: Pull) => boolean) => api.until<Pull>(`/pull-requests/${pull.id}`, done, 60_000);
  const check = (conclusion: string | null) =>
    atGithub('check', JSON.stringify({ as: 'check', name: 'build', sha: pull.head_sha, conclusion }));
  return { ...person, project, ticket, pull, tell, hosted, until, check };
}

const ask = { comments: 'Add src/two.js' };

test('[GIT-06] a pull request is a draft at GitHub while its changes are made, and ready once they are in it and checked', async () => {
  const { api, pull, hosted, until } = await opened({});
  expect(await hosted()).toMatchObject({ draft: false, drafts: [] });
  const played = await playWriting('src/two.js');
  await api.post(`/pull-requests/${pull.id}/request-changes`, { comments: `${ask.comments} ${played.word}` });
  const row = await until(({ head_sha: sha, draft }) => sha !== pull.head_sha && draft === null);
  await played.stop();
  expect(row.draft).toBeNull();
  expect(await hosted()).toMatchObject({ draft: false, drafts: [true, false], head_sha: row.head_sha });
}, 180_000);

test('[GIT-06] a draft that GitHub refuses is said, and one that a person made ready stays so', async () => {
  const { api, place, pull, hosted, until } = await opened({ drafts: false });
  /** An agent has begun, and waits for a model that nobody plays. */
  const stop = async (task: string) => {
    await api.until<{ items: object[] }>(`/runs?task_id=${task}`, ({ items }) => items.length > 0, 60_000);
    await api.post(`/tasks/${task}/cancel`, {});
  };
  const { task_id: first } = await api.post<{ task_id: string }>(`/pull-requests/${pull.id}/request-changes`, ask);
  const refused = await until(({ draft }) => draft?.state === 'refused');
  expect(refused.draft?.note).toMatch(/^Work on it goes on: .*Draft pull requests are not supported/);
  expect(await hosted()).toMatchObject({ draft: false, drafts: [] });
  await stop(first);
  await until(({ draft }) => draft === null);

  await atGithub('rules', place, '{}');
  const { task_id: second } = await api.post<{ task_id: string }>(`/pull-requests/${pull.id}/request-changes`, ask);
  await until(({ draft }) => draft?.state === 'held');
  await atGithub('draft', place, '1', 'off');
  await stop(second);
  await until(({ draft }) => draft === null);
  expect(await hosted()).toMatchObject({ draft: false, drafts: [true] });
}, 180_000);

test('[GIT-07] a merge that the rules at GitHub hold waits there, says for what, and is recorded when GitHub has merged', async () => {
  const { api, place, email, ticket, pull, tell, hosted, until, check } = await opened({
    reviews: 1,
    checks: ['build'],
    auto_merge: true,
  });
  const merge = (body: object) => api.request<Pull>('POST', `/pull-requests/${pull.id}/merge`, body);
  expect(await merge({})).toMatchObject({ status: 409, body: { message: expect.stringContaining('when_ready') } });
  await check(null);
  const waiting = await merge({ when_ready: true });
  const words = 'GitHub merges it when 1 review and 1 check ("build") are there.';
  expect(waiting).toMatchObject({ status: 200, body: { state: 'open', merge: { by: email, waits_for: words } } });
  const { client, close } = await temporalClient();
  const progress = await client.workflow.getHandle(`pr:${pull.id}`).query('progress');
  await close();
  expect(progress).toMatchObject({ state: 'waiting', step: words, next_wake_at: expect.any(String) });

  // Somebody ends it at GitHub: the ticket says so, and a second merge waits again.
  await atGithub('auto_merge', place, '1', 'off');
  await tell();
  const ended = await until((row) => row.merge?.ended !== undefined);
  expect(ended.merge?.ended).toMatch(/does not merge it by itself any more/);
  expect(await api.get(`/tickets/${ticket.id}`)).toMatchObject({
    needs_review: true,
    last_error: expect.stringMatching(/merge of pull request #1 was ended.*Merge it again, or close it/),
  });
  expect((await merge({ when_ready: true })).body.merge).toEqual(
    expect.not.objectContaining({ ended: expect.anything() }),
  );
  expect(await api.get(`/tickets/${ticket.id}`)).toMatchObject({ needs_review: false });

  await check('success');
  await tell('check_run', { action: 'completed', check_run: { head_sha: pull.head_sha } });
  await until((row) => row.merge?.waits_for === 'GitHub merges it when 1 review is there.');
  await atGithub('review', place, '1', JSON.stringify({ by: { id: 77, login: 'ada' }, state: 'APPROVED' }));
  await tell();
  const done = await until(({ state }) => state === 'merged');
  expect(done).toMatchObject({ merge: null, merged_by: email });
  expect((await hosted())?.merge_sha).toEqual(expect.any(String));
  await api.until<{ status: string }>(`/tickets/${ticket.id}`, ({ status }) => status === 'done', 30_000);
}, 180_000);

test('[GIT-07] a failed check takes a waiting merge back, since what was decided about changes', async () => {
  const { api, pull, ticket, tell, hosted, until, check } = await opened({ checks: ['build'], auto_merge: true });
  await api.request(
    'PATCH',
    `/projects/${(await api.get<{ project_id: string }>(`/tickets/${ticket.id}`)).project_id}`,
    {
      settings: { merge_when_ready: true },
    },
  );
  await check(null);
  expect(await api.post(`/pull-requests/${pull.id}/merge`, {})).toMatchObject({
    merge: { waits_for: expect.any(String) },
  });
  await check('failure');
  await tell('check_run', { action: 'completed', check_run: { head_sha: pull.head_sha } });
  const ended = await until((row) => row.merge?.ended !== undefined);
  expect(ended.merge?.ended).toMatch(/Changes to it are being made|"build" fails/);
  expect(await hosted()).toMatchObject({ auto_merge: null, merge_sha: null });
  await api.post(`/pull-requests/${pull.id}/close`, {});
}, 180_000);
