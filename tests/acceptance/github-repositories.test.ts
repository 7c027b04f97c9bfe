import { Browser } from '#tests/support/browser.ts';
import { newPerson } from '#tests/support/people.ts';
import { connected } from '#tests/support/github-person.ts';
import { workedOn } from '#tests/support/quick-work.ts';
import { atGithub, newProject, shared } from '#tests/support/shared.ts';
import { sign } from '@octokit/webhooks-methods';
import { randomBytes } from 'node:crypto';

const small = { 'README.md': '# Small\n', 'src/a b.js': 'export const a = 1;\n', 'src/c.bin': '\u0000' };

const refused = async (answer: Promise<{ status: number; body: { message?: unknown } }>) => {
  const { status, body } = await answer;
  return [status, body.message];
};

test('[GIT-03] a person lists what their connection reads, commits a file on a branch and opens a pull request', async () => {
  const { api, place, login } = await connected('write', small);
  const at = `/github/repos/${place}`;
  const [owner, name] = place.split('/');
  const repository = { owner, name, full_name: place, private: true, may_push: true, project: null };
  const listed = { items: [expect.objectContaining(repository)], next_cursor: null };
  expect(await api.get('/github/repos')).toEqual(listed);
  expect(await api.get(`/github/repos?query=${name?.toUpperCase()}`)).toEqual(listed);
  expect(await api.get('/github/repos?query=nothing-like-it')).toEqual({ items: [], next_cursor: null });
  expect(await api.get('/github/owners')).toEqual({
    items: [
      { login, kind: 'user' },
      { login: 'acme', kind: 'organization' },
    ],
    next_cursor: null,
  });
  expect(await api.get(at)).toMatchObject(repository);

  const file = await api.get<{ sha: string }>(`${at}/contents/src/a%20b.js`);
  expect(file).toMatchObject({ path: 'src/a b.js', content: 'export const a = 1;\n', encoding: 'utf-8', size: 20 });
  expect(await api.get(`${at}/contents/src%2Fa%20b.js`)).toEqual(file);
  const first = await api.get<{ items: object[]; next_cursor: string }>(`${at}/directory?path=src&limit=1`);
  expect(first.items).toMatchObject([{ path: 'src/a b.js', kind: 'file' }]);
  const second = await api.get(`${at}/directory?path=src&limit=1&cursor=${first.next_cursor}`);
  expect(second).toMatchObject({ items: [{ path: 'src/c.bin' }], next_cursor: null });
  const { items: tree } = await api.get<{ items: { path: string; kind: string }[] }>(`${at}/tree`);
  expect(tree.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
    expect.arrayContaining(['file README.md', 'directory src', 'file src/c.bin']),
  );

  expect(await api.post(`${at}/branches`, { name: 'feature/one' })).toMatchObject({ name: 'feature/one' });
  const change = { content: 'export const a = 2;\n', message: 'Change a', branch: 'feature/one' };
  const put = (body: object) => api.request('PUT', `${at}/contents/src/a%20b.js`, body);
  expect((await put(change)).status).toBe(400);
  expect(await put({ ...change, sha: file.sha })).toMatchObject({
    status: 200,
    body: { commit_sha: expect.any(String) },
  });
  // The file has changed meanwhile: nothing is overwritten.
  expect((await put({ ...change, content: 'other', sha: file.sha })).status).toBe(409);
  const { items: commits } = await api.get<{ items: object[] }>(`${at}/commits?ref=feature/one&limit=1`);
  expect(commits).toMatchObject([{ message: 'Change a' }]);
  const pull = { title: 'Change a', head: 'feature/one', base: 'main' };
  expect(await api.post(`${at}/pulls`, pull)).toMatchObject({
    number: 1,
    state: 'open',
    author: login,
    head: 'feature/one',
  });
  expect((await api.request('POST', `${at}/pulls`, pull)).status).toBe(409);
  expect(await api.get(`${at}/pulls`)).toMatchObject({ items: [{ number: 1, title: 'Change a' }], next_cursor: null });
  const { items: branches } = await api.get<{ items: { name: string }[] }>(`${at}/branches`);
  expect(branches.map((branch) => branch.name).sort()).toEqual(['feature/one', 'main']);
});

test('[GIT-03] what GitHub refuses is an error with its reason and remedy, never an empty list', async () => {
  const stranger = await newPerson();
  expect(await refused(stranger.api.request('GET', '/github/repos'))).toEqual([
    400,
    expect.stringContaining('Connect GitHub'),
  ]);
  const { api, place, login } = await connected('write', small);
  const at = `/github/repos/${place}`;
  const missing = [404, expect.stringContaining('to your account')];
  for (const path of [
    '/github/repos/acme/none',
    '/github/repos/acme/none/pulls',
    `${at}/contents/none`,
    `${at}/commits?ref=none`,
  ])
    expect(await refused(api.request('GET', path))).toEqual(missing);
  for (const path of ['/github/repos?cursor=x', '/github/repos?limit=0', `${at}/contents/src/..%2f..%2fuser`])
    expect((await api.request('GET', path)).status).toBe(422);
  expect((await api.request('GET', `${at}/contents/src`)).status).toBe(400);
  expect((await api.request('GET', `${at}/directory?path=README.md`)).status).toBe(400);
  expect((await api.request('POST', `${at}/branches`, { name: 'main' })).status).toBe(409);

  const limit = {
    when: 'before',
    status: 403,
    headers: { 'retry-after': '7' },
    message: 'You have exceeded a secondary rate limit.',
  };
  await atGithub('fail', `GET .*/repos/${place}/pulls$`, JSON.stringify(limit));
  const limited = await api.request('GET', `${at}/pulls`);
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
  await atGithub('fail', `GET .*/repos/${place}/pulls$`, JSON.stringify({ status: 502, when: 'before' }));
  expect((await api.request('GET', `${at}/pulls`)).status).toBe(503);

  await atGithub('revoke', login);
  expect(await refused(api.request('GET', '/github/repos'))).toEqual([
    400,
    expect.stringMatching(/expired or was revoked.*Connect GitHub again/),
  ]);
});

test('[GIT-02] a repository is connected to a project: its token pushes, its webhook is there once and signs by its own secret', async () => {
  const owner = await connected();
  const { api, place, login } = owner;
  const name = place.split('/')[1] ?? '';
  const hooks = async () => (await atGithub('pulls')).hooks.filter(({ repository }) => repository === place);
  const project = await api.post<{ id: string; repository: object }>('/projects', {
    name,
    repository: { github: place },
  });
  expect(project.repository).toEqual({ path: null, url: `${shared.githubUrl}/${place}.git` });
  const path = `/github/connected?project_id=${project.id}`;
  const { items } = await api.get<{ items: object[] }>(path);
  const webhook = { registered: true, problem: null, last_event: null };
  expect(items).toMatchObject([{ project_id: project.id, full_name: place, login, default_branch: 'main', webhook }]);
  const [hook, ...others] = await hooks();
  expect(others).toEqual([]);
  expect(hook).toMatchObject({
    events: expect.arrayContaining(['push', 'pull_request', 'pull_request_review', 'issue_comment', 'repository']),
    config: { content_type: 'json', insecure_ssl: '0', secret: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(new URL(hook?.config.url ?? '').search).toBe(`?project_id=${project.id}`);
  // Connected again, with a secret that its owner chose: the same webhook.
  const secret = 'chosen-by-the-owner-of-it';
  const [repositoryOwner, repo] = place.split('/');
  const body = { owner: repositoryOwner, repo, webhook_secret: secret };
  expect(await api.post(`/github/connect?project_id=${project.id}`, body)).toMatchObject({ login, webhook });
  expect(await hooks()).toMatchObject([{ id: hook?.id, config: { secret } }]);
  expect(await api.get('/github/repos')).toMatchObject({ items: [{ full_name: place, project: { id: project.id } }] });
  expect(await api.get('/github/connection-status')).toMatchObject({ projects: [{ id: project.id, name }] });

  const event = JSON.stringify({ action: 'closed', repository: { full_name: place }, pull_request: { number: 1 } });
  const send = async (key: string, query = `?project_id=${project.id}`) =>
    (
      await fetch(`${shared.url}/api/v1/github/webhooks/github${query}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'pull_request',
          'x-hub-signature-256': await sign(key, event),
        },
        body: event,
      })
    ).status;
  // The installation's secret is not the project's.
  expect([await send('guessed'), await send('signs-events-of-github')]).toEqual([401, 202]);
  expect((await api.get<{ items: object[] }>(path)).items).toMatchObject([{ webhook: { last_event: null } }]);
  expect([await send(secret), await send(secret, '')]).toEqual([202, 202]);
  expect((await api.get<{ items: object[] }>(path)).items).toMatchObject([
    { webhook: { last_event: 'pull_request.closed', last_event_at: expect.any(String) } },
  ]);

  await api.post(`/github/repos/${place}/branches`, { name: 'theirs' });
  const written = { content: 'x', message: 'Add x', branch: 'theirs' };
  await api.request('PUT', `/github/repos/${place}/contents/x.txt`, written);
  await api.post(`/github/repos/${place}/pulls`, { title: 'Theirs', head: 'theirs', base: 'main' });
  expect(await api.post(`/github/sync?project_id=${project.id}`, {})).toMatchObject({
    default_branch: 'main',
    head_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    pull_requests: [{ number: 1, title: 'Theirs', pull_request_id: null }],
    changed: [],
  });

  const { pull } = await workedOn(project, 'src/new.js', api);
  expect(pull).toMatchObject({ number: 2, state: 'open', url: `${shared.githubUrl}/${place}/pull/2` });
  const [mine] = (await atGithub('pulls')).pulls.filter((one) => one.repository === place && one.number === 2);
  expect(mine).toMatchObject({ head: pull.branch, author: { login } });
  expect(await api.post(`/github/sync?project_id=${project.id}`, {})).toMatchObject({
    pull_requests: [{ number: 2, pull_request_id: pull.id }, { number: 1 }],
    changed: [pull.id],
  });

  // Without the connection the project stops, and does not act as anybody else.
  expect(await api.request('DELETE', '/github/disconnect')).toMatchObject({ body: { projects: [{ id: project.id }] } });
  expect(await refused(api.request('POST', `/github/sync?project_id=${project.id}`, {}))).toEqual([
    400,
    expect.stringContaining('has ended'),
  ]);
  expect((await api.get<{ items: object[] }>(path)).items).toMatchObject([{ login: null }]);
  await new Browser().connect(api, 'github', { id: login.slice(6), email: `${login}@example.test`, verified: true });
  expect((await api.request('POST', `/github/sync?project_id=${project.id}`, {})).status).toBe(200);
  expect((await api.request('DELETE', `/github/connect?project_id=${project.id}`)).status).toBe(204);
  expect(await hooks()).toEqual([]);
  expect(await api.get(path)).toMatchObject({ items: [] });
});

test('[GIT-02] a repository that the caller may not change is refused, and a project with work on another one keeps it', async () => {
  const reader = await connected('read');
  const refusal = await reader.api.request('POST', '/projects', { name: 'x', repository: { github: reader.place } });
  expect(refusal).toMatchObject({ status: 403, body: { message: expect.stringContaining('may only read') } });
  const { api, place } = await connected();
  for (const missing of ['acme/none', reader.place])
    expect((await api.request('POST', '/projects', { name: 'x', repository: { github: missing } })).status).toBe(404);
  expect(await api.get('/projects')).toMatchObject({ items: [] });

  const { id } = await newProject(api);
  const [owner, repo] = place.split('/');
  const connect = () => api.request('POST', `/github/connect?project_id=${id}`, { owner, repo });
  const launched = { project_id: id, title: 'Later', description: 'Something later.', auto_execute: false };
  await api.post('/specs/launch', launched);
  expect(await connect()).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('Create a project') },
  });
  const outsider = await newPerson();
  const asOutsider = await outsider.api.request('POST', `/github/connect?project_id=${id}`, { owner, repo });
  expect(asOutsider.status).toBe(404);
  const other = await newProject(api);
  expect((await api.request('POST', `/github/connect?project_id=${other.id}`, { owner, repo })).status).toBe(200);
  expect(await api.get(`/projects/${other.id}`)).toMatchObject({
    repository: { path: null, url: `${shared.githubUrl}/${place}.git` },
  });
});

test('[GIT-04] a new repository begins with a commit, a project and a feature; a taken name leaves nothing behind', async () => {
  const { api, place, login } = await connected();
  const name = `new-${randomBytes(4).toString('hex')}`;
  const fullName = `${login}/${name}`;
  const check = (body: object) => api.post('/github/check-availability', body);
  expect(await check({ name })).toEqual({ available: true, full_name: fullName, reason: null });
  const described = { auto_scaffold: true, feature_description: 'A page that says whether the service is healthy.' };
  const made = await api.post<{ project_id: string; spec_id: string }>('/github/repos', { name, ...described });
  expect(made).toMatchObject({
    repository: { full_name: fullName, private: true, project: { id: made.project_id, name } },
    problem: null,
  });
  expect(await api.get(`/specs/${made.spec_id}`)).toMatchObject({ project_id: made.project_id });
  expect(await api.get('/github/connected')).toMatchObject({
    items: [{ full_name: fullName.toLowerCase(), login, webhook: { registered: true } }],
  });
  await api.post(`/specs/${made.spec_id}/cancel`, {});

  expect(await check({ name })).toMatchObject({ available: false, reason: expect.stringContaining('exists already') });
  const taken = await api.request('POST', '/github/repos', { name, ...described });
  expect(taken).toMatchObject({ status: 400, body: { details: [{ field: 'name' }] } });
  expect((await api.get<{ items: object[] }>('/projects')).items).toHaveLength(1);
  const refusals = [
    { name: '' },
    { name: 'a b' },
    { name: 'x'.repeat(101) },
    { name: 'x', feature_description: 'Ten letters.' },
  ];
  for (const body of refusals) expect((await api.request('POST', '/github/repos', body)).status).toBe(422);
  expect((await api.request('POST', '/github/repos', { name, owner: 'strangers' })).status).toBe(400);

  // From a template, for an organization of the account, and nothing here.
  const copy = { name, owner: 'acme', visibility: 'public', template: place };
  expect(await api.post('/github/repos', copy)).toMatchObject({
    repository: { full_name: `acme/${name}`, private: false, project: null },
    project_id: null,
  });
});
