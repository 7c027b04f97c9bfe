import { connected, tellByApp, withApp } from '#tests/support/github-person.ts';
import { workedOn } from '#tests/support/quick-work.ts';
import { atGithub, shared } from '#tests/support/shared.ts';

interface Connection {
  items: { app: boolean; login: string | null; webhook: { url: string; registered: boolean } }[];
}

test('[GIT-02] [GIT-06] where the App is installed it pushes and opens the pull request, and its webhook tells of the merge', async () => {
  const { api, login, place } = await withApp();
  const { id } = await api.post<{ id: string }>('/projects', { name: 'By the App', repository: { github: place } });
  const of = `project_id=${id}`;
  const { items } = await api.get<Connection>(`/github/connected?${of}`);
  expect(items).toMatchObject([{ app: true, login: null, webhook: { registered: true } }]);
  expect(items[0]?.webhook.url).toMatch(/\/webhooks\/github$/);
  expect((await atGithub('pulls')).hooks.filter(({ repository }) => repository === place)).toEqual([]);

  // The person's own connection is not needed any more.
  await atGithub('revoke', login);
  const { ticket, pull } = await workedOn({ id }, 'src/by-the-app.js', api);
  const [opened] = (await atGithub('pulls')).pulls.filter(({ repository }) => repository === place);
  expect(opened).toMatchObject({ author: { login: 'omoios[bot]' }, state: 'open', number: pull.number });

  await atGithub('merge', place, String(pull.number));
  const merged = { action: 'closed', repository: { full_name: place }, pull_request: { number: pull.number } };
  expect(await tellByApp('pull_request', merged)).toBe(202);
  await api.until<{ status: string }>(`/tickets/${ticket.id}`, ({ status }) => status === 'done', 60_000);
}, 180_000);

test('[GIT-02] a token of the App that is revoked before its end is replaced, and the work goes on', async () => {
  const { api, place } = await withApp();
  const { id } = await api.post<{ id: string }>('/projects', { name: 'Revoked', repository: { github: place } });
  const { pull } = await workedOn({ id }, 'src/one.js', api);
  const tokens = async () =>
    (await atGithub('pulls')).app_tokens.filter(({ repositories }) => repositories.includes(place));
  const revoke = async () => {
    for (const { token } of await tokens()) await atGithub('revoke', token);
  };
  await revoke();
  await api.post(`/pull-requests/${pull.id}/merge`, {});
  const before = (await tokens()).length;
  await revoke();
  await workedOn({ id }, 'src/two.js', api);
  expect((await tokens()).length - before).toBeLessThanOrEqual(2);
}, 180_000);

test('[GIT-02] the App serves only what the caller may change there, and its absence is said', async () => {
  const reader = await withApp('read');
  const name = (place: string) => ({ name: 'Theirs', repository: { github: place } });
  expect(await reader.api.request('POST', '/projects', name(reader.place))).toMatchObject({ status: 403 });
  const other = await withApp();
  expect((await reader.api.request('POST', '/projects', name(other.place))).status).toBe(404);
  // An address alone gives nobody the App's access.
  const byAddress = await reader.api.request('POST', '/projects', {
    name: 'Theirs',
    repository: { url: `${shared.githubUrl}/${other.place}.git` },
  });
  expect(byAddress.status).toBe(400);

  const { id } = await other.api.post<{ id: string }>('/projects', name(other.place));
  await atGithub('uninstall', other.place);
  const sync = await other.api.request<{ message: string }>('POST', `/github/sync?project_id=${id}`, {});
  expect(sync.status).toBe(400);
  expect(sync.body.message).toMatch(/Install it for the repository again|credentials are still valid/);
  await atGithub('install', other.place);
  const [owner, repo] = other.place.split('/');
  expect(await other.api.post(`/github/connect?project_id=${id}`, { owner, repo })).toMatchObject({ app: true });
  expect(await other.api.post(`/github/sync?project_id=${id}`, {})).toMatchObject({ default_branch: 'main' });
  expect((await other.api.request('DELETE', `/github/connect?project_id=${id}`)).status).toBe(204);
}, 120_000);

test('[GIT-02] where the App is not installed, the connection of the member serves', async () => {
  const { api, login, place } = await connected();
  const { id } = await api.post<{ id: string }>('/projects', { name: 'By a member', repository: { github: place } });
  const { items } = await api.get<Connection>(`/github/connected?project_id=${id}`);
  expect(items).toMatchObject([{ app: false, login, webhook: { registered: true } }]);
});
