import type { Answer } from '#server/contracts/client.ts';
import type { commitDiff, getCommit, ticketCommits } from '#server/contracts/commits.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { works, type TicketRow } from '#tests/support/work.ts';

type Commits = Answer<typeof ticketCommits>;

const quickTicket = (project_id: string, title: string) =>
  api().post<TicketRow & { task_id: string }>('/tickets', {
    project_id,
    title,
    description: 'Add something.',
    workflow_mode: 'quick',
  });
const commitsOf = (ticket: string) => api().get<Commits>(`/commits/ticket/${ticket}`);

test('[GIT-09] [GIT-11] the commits of a ticket are those made for it, those that name it and those that a person links, each once', async () => {
  const model = await playOnShared(works({ Useful: { 'src/useful.js': 'export const useful = 1;\n' } }));
  const { id: project_id, repository } = await newProject();
  const first = await quickTicket(project_id, `Useful ${model.word}`);
  const pulls = await api().until<{ items: { id: string; state: string }[] }>(
    `/pull-requests?ticket_id=${first.id}`,
    ({ items }) => items[0]?.state === 'open',
    90_000,
  );

  const [made, ...others] = (await commitsOf(first.id)).items;
  expect(others).toEqual([]);
  expect(made).toMatchObject({
    link_method: 'branch',
    linked_by: 'platform',
    task_id: first.task_id,
    turn: 1,
    requirements: [],
    files_changed: 1,
    insertions: 1,
    deletions: 0,
  });
  const sha = made?.sha ?? '';
  expect((await api().get<Commits>(`/commits/agent/${made?.run_id}`)).items).toEqual([made]);

  // A commit is found by the beginning of its id, with what it changed.
  const commit = await api().get<Answer<typeof getCommit>>(`/commits/${sha.slice(0, 10)}`);
  expect(commit).toMatchObject({ sha, project_id, message: made?.message, links: [made] });
  const diff = await api().get<Answer<typeof commitDiff>>(`/commits/${sha.toUpperCase()}/diff`);
  expect(diff).toMatchObject({
    sha,
    from: commit.parents[0],
    files: [{ path: 'src/useful.js', change_type: 'created' }],
  });
  expect(diff.patch).toMatch(/@@ -0,0 \+1 @@\n\+export const useful = 1;/);
  expect(await api().get(`/commits/${sha}/hunks`)).toEqual({
    ...{ sha, truncated: false },
    hunks: [{ path: 'src/useful.js', from_line: 1, to_line: 1, added: 1, removed: 0, is_test: false }],
  });
  const root = repository.git('rev-list', '--max-parents=0', 'main');
  expect(await api().request('GET', `/commits/${root}`)).toMatchObject({ status: 404 });
  expect(await api().get(`/commits/${root}/diff?project_id=${project_id}`)).toMatchObject({ sha: root, from: null });
  expect(await api().request('GET', '/commits/0000000')).toMatchObject({ status: 404 });

  // The merge, a person's commit that names the ticket, and one that a person links.
  await api().post(`/pull-requests/${pulls.items[0]?.id}/merge`, { method: 'squash' });
  repository.git(
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    `${first.key}: write it down\n\nSee #${first.key} and fixes #1.\n\nRequirement: REQ-USEFUL-FUNC-001`,
  );
  const named = repository.git('rev-parse', 'HEAD');
  const second = await quickTicket(project_id, `Useful too ${model.word}`);
  await api().until<Commits>(`/commits/ticket/${first.id}`, ({ items }) => items.length === 3, 60_000);
  expect((await commitsOf(first.id)).items[0]?.requirements).toEqual(['REQ-USEFUL-FUNC-001']);
  const methods = (await commitsOf(first.id)).items.map((item) => [item.link_method, item.sha === named]);
  expect(methods).toEqual([
    ['message', true],
    ['pull_request', false],
    ['branch', false],
  ]);

  const link = (body: object) => api().request('POST', `/commits/ticket/${second.id}/link`, body);
  expect(await link({ sha: named.slice(0, 12) })).toMatchObject({
    status: 201,
    body: { sha: named, link_method: 'manual', linked_by: 'owner@omoios.local' },
  });
  expect(await link({ sha: named })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('already') },
  });
  expect(await link({ sha: 'f'.repeat(40) })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'sha', message: expect.any(String) }] },
  });
  expect(await link({ sha: 'main' })).toMatchObject({ status: 422 });
  const { items: events } = await api().get<{ items: { data: { commit_sha: string } }[] }>(
    `/events?types=commit.linked&entity_ids=${first.id}`,
  );
  expect(events.map(({ data }) => data.commit_sha).sort()).toEqual(
    (await commitsOf(first.id)).items.map((c) => c.sha).sort(),
  );
}, 180_000);
