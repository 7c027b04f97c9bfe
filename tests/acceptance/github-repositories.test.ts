import { Browser } from '#tests/support/browser.ts';
import { newPerson, type Person } from '#tests/support/people.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { atGithub } from '#tests/support/shared.ts';
import { randomBytes, randomInt } from 'node:crypto';

interface Connected extends Person {
  login: string;
  /** owner/name of a private repository that their account may change. */
  place: string;
}

/** A person whose account at GitHub is connected, with a repository there. */
async function connected(right: 'write' | 'read' = 'write'): Promise<Connected> {
  const person = await newPerson();
  const id = String(randomInt(1, 2 ** 40));
  await new Browser().connect(person.api, 'github', { id, email: `${id}@example.test`, verified: true });
  const place = `acme/${randomBytes(5).toString('hex')}`;
  const files = { 'README.md': '# Small\n', 'src/a b.js': 'export const a = 1;\n', 'src/c.bin': '\u0000' };
  await atGithub('host', place, new TestRepository(files).path);
  await atGithub('grant', `login-${id}`, place, right);
  return { ...person, login: `login-${id}`, place };
}

const refused = async (answer: Promise<{ status: number; body: { message?: unknown } }>) => {
  const { status, body } = await answer;
  return [status, body.message];
};

test('[GIT-03] a person lists what their connection reads, commits a file on a branch and opens a pull request', async () => {
  const { api, place, login } = await connected();
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
  const { api, place, login } = await connected();
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
