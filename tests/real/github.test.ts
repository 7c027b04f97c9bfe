import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { githubAccount } from '#activities/adapters/code-host/github-account.ts';
import { githubClient } from '#activities/adapters/code-host/github-client.ts';
import { createGithubApp } from '#activities/adapters/code-host/github-app.ts';
import { loadConfig } from '#activities/services/config.ts';
import { mergeAt, openCodeHosts } from '#tests/ports/local/code-hosts.ts';

/*
 * Prism stands between the code host and the played GitHub. It has GitHub's own description of its interface, and refuses
 * a request, and breaks off an answer, that does not fit. So both sides of these tests have the shape of the real ones.
 */
let prism: ChildProcess | undefined;
let api: string;
const told: string[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function between(played: string): Promise<string> {
  const { PRISM: program, GITHUB_DESCRIPTION: description } = process.env;
  if (!program || !description)
    throw new Error('PRISM is not set. These tests want it: . .ci/real-services.sh && real_services_start');
  const port = await freePort();
  const words = ['proxy', description, played, '--errors', '--host', '127.0.0.1', '--port', String(port)];
  prism = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    prism?.stdout?.on('data', (chunk: Buffer) => {
      told.push(chunk.toString());
      if (chunk.includes('listening')) resolve();
    });
    prism?.once('exit', () => reject(new Error(`Prism ended: ${told.join('')}`)));
  });
  told.length = 0;
  api = `http://127.0.0.1:${port}`;
  return api;
}

let hosts: Awaited<ReturnType<typeof openCodeHosts>>;
beforeAll(async () => {
  hosts = await openCodeHosts(between);
}, 120_000);
afterAll(() => {
  prism?.kill();
  hosts.close();
});

const wrong = () => told.join('').match(/^.*(violation|error).*$/gim) ?? [];

test("[GIT-03] each request and each answer of a person's calls fits GitHub's own description", async () => {
  told.length = 0;
  const { github, token } = await hosts.github();
  const [fullName = ''] = [...github.repositories.keys()].slice(-1);
  const [owner = '', repo = ''] = fullName.split('/');
  const at = { owner, repo };
  const page = { limit: 50 };
  const account = githubAccount(githubClient(api, token ?? ''));
  expect((await account.repositories(page)).items).toMatchObject([{ full_name: fullName }]);
  expect((await account.owners(page)).items).toHaveLength(2);
  expect(await account.repository(at)).toMatchObject({ default_branch: 'main' });
  // What it asks for to learn the rights of a token is refused, and changes nothing.
  await account.requireRights(at, { of_token: true });
  const pull = github.token('reader', [fullName], 'github_pat', { lacks: ['pulls'] });
  const reader = githubAccount(githubClient(api, pull));
  await expect(reader.requireRights(at, { of_token: true })).rejects.toThrow(/lacks Pull requests: Read and write/);
  expect([(await account.branches(at, page)).items, github.pulls]).toMatchObject([[{ name: 'main' }], []]);
  await account.createBranch(at, 'feature/two');
  expect((await account.branches(at, page)).items).toHaveLength(2);
  const file = await account.file(at, 'b.txt');
  expect(file).toMatchObject({ content: 'b\n', encoding: 'utf-8' });
  const change = { content: Buffer.from('B\n'), message: 'Change b', branch: 'feature/two' };
  await account.putFile(at, 'b.txt', { ...change, sha: file.sha });
  await account.putFile(at, 'deep/new.txt', change);
  expect((await account.directory(at, '', page, 'feature/two')).items).toHaveLength(3);
  expect((await account.tree(at, page)).items).toHaveLength(2);
  expect((await account.commits(at, page, { ref: 'feature/two' })).items).toHaveLength(3);
  await account.createPull(at, { title: 'Two', head: 'feature/two', base: 'main', body: 'Words.' });
  const hook = { url: 'https://omoios.example.com/hook', secret: 'signs', events: ['pull_request'] };
  const id = await account.registerWebhook(at, hook);
  expect(await account.registerWebhook(at, { ...hook, secret: 'signs anew' })).toBe(id);
  expect(github.hooks).toMatchObject([{ config: { secret: 'signs anew' } }]);
  await account.removeWebhook(at, id);
  await account.removeWebhook(at, id);
  expect(github.hooks).toEqual([]);
  expect((await account.pulls(at, page, 'open')).items).toMatchObject([{ title: 'Two', head: 'feature/two' }]);
  expect(wrong()).toEqual([]);
});

test("[GIT-02] each request and each answer of the App fits GitHub's own description", async () => {
  told.length = 0;
  const { github } = await hosts.github();
  const [fullName = ''] = [...github.repositories.keys()].slice(-1);
  const [owner = '', repo = ''] = fullName.split('/');
  const { id, privateKey } = github.app;
  const settings = { app_id: id, app_private_key: privateKey, webhook_secret: 'signs events', api_url: api };
  const app = createGithubApp(loadConfig({ github: settings }, {}), {});
  expect(await app?.installationOf({ owner, repo })).toBeUndefined();
  github.app.install(fullName);
  const installation = (await app?.installationOf({ owner, repo })) ?? '';
  expect(await app?.tokenFor(installation, { owner, repo })).toMatch(/^ghs_/);
  // One is kept until it ends.
  expect(await app?.tokenFor(installation, { owner, repo })).toBe(github.app.tokens.at(-1)?.token);
  expect(github.app.tokens).toHaveLength(1);
  github.app.uninstall(fullName);
  await expect(app?.tokenFor(installation, { owner, repo: 'another' })).rejects.toMatchObject({ code: 'no_access' });
  expect(wrong()).toEqual([]);
});

test("[GIT-08] each request and each answer of an issue's conversation fits GitHub's own description", async () => {
  told.length = 0;
  const { host, project, github, full_name: fullName } = await hosts.github();
  const by = { id: 7, login: 'ada' };
  github.issue(fullName, { by, title: 'Later', body: 'Please.', labels: ['omoios', 'bug'] });
  github.say('comment', fullName, 1, { by, body: '/omoios stop' });
  expect(await host.readIssue(project, 1, 'omoios')).toMatchObject({
    ...{ number: 1, title: 'Later', body: 'Please.', open: true, author: { id: '7', login: 'ada' } },
    labelled: { by: { id: '7', login: 'ada' } },
    comments: [{ body: '/omoios stop', author: { login: 'ada' } }],
  });
  for (const _ of [1, 2]) await host.answerIssue(project, 1, { key: 'command:1', body: 'It is stopped.' });
  expect(github.remarks.filter(({ body }) => body.startsWith('It is stopped.'))).toHaveLength(1);
  github.issue(fullName, { by, number: 1, state: 'closed', labels: [] });
  const closed = await host.readIssue(project, 1, 'omoios');
  expect(closed).toMatchObject({ open: false, answered: ['command:1'] });
  expect(closed?.labelled).toBeUndefined();
  expect(await host.readIssue(project, 404, 'omoios')).toBeUndefined();
  expect(wrong()).toEqual([]);
});

test("[GIT-06] [GIT-07] each request and each answer of a pull request's life fits GitHub's own description", async () => {
  told.length = 0;
  const place = await hosts.github();
  const { host, project, github } = place;
  const request = await place.open('feature/one', { 'b.txt': 'B\n' });
  expect(await host.openPullRequest(project, request)).toMatchObject({ number: 1, state: 'open' });
  expect(await host.findPullRequest(project, 'feature/one')).toMatchObject({ number: 1 });
  await host.updatePullRequest(project, { ...request, body: 'Other words.' });
  const [fullName = ''] = [...github.repositories.keys()].slice(-1);
  const by = { id: 7, login: 'ada' };
  const comments = [{ path: 'b.txt', line: 1, body: 'Name it.' }];
  github.say('review', fullName, 1, { by, state: 'CHANGES_REQUESTED', body: 'Not yet.', comments });
  github.say('comment', fullName, 1, { by, body: 'Soon?' });
  const reviews = await host.readRemarks(project, request);
  for (const { id } of reviews.flatMap(({ remarks }) => remarks))
    for (const _ of [1, 2]) await host.answerRemark(project, request, { remark_id: id, key: id, body: 'Done.' });
  expect(github.remarks.filter(({ body }) => body.startsWith('Done.'))).toHaveLength(3);
  github.rule = 'At least 1 approving review is required by reviewers with write access.';
  await expect(mergeAt(host, project, request, 'merge')).rejects.toMatchObject({ code: 'refused' });
  github.checks.push(
    { name: 'build', conclusion: 'failure', as: 'check' },
    { name: 'lint', conclusion: null, as: 'status' },
  );
  await expect(mergeAt(host, project, request, 'merge')).rejects.toMatchObject({
    message: expect.stringContaining('"build" fails, "lint" has not ended'),
  });
  github.checks[1] = { name: 'lint', conclusion: 'success', as: 'status' };
  expect(await host.readChecks(project, request)).toMatchObject([
    { name: 'build', state: 'failed', output: '' },
    { name: 'lint', state: 'passed', output: '' },
  ]);
  github.checks.length = 0;
  github.rule = undefined;
  const { sha } = await mergeAt(host, project, request, 'merge');
  expect(await host.readPullRequest(project, request)).toMatchObject({ state: 'merged', merge_sha: sha });

  const clash = await place.open('feature/clash', { 'b.txt': 'other\n' });
  await expect(mergeAt(host, project, clash, 'squash')).rejects.toMatchObject({ code: 'not_fast_forward' });
  await host.closePullRequest(project, clash);
  await host.pushBranch(project, 'feature/none', place.base);
  const none = { ...request, branch: 'feature/none', business_key: 'ticket:none', head_sha: place.base };
  await expect(host.openPullRequest(project, none)).rejects.toMatchObject({ code: 'empty' });
  expect(github.calls.filter((call) => call.includes('/api/v3/')).length).toBeGreaterThan(10);
  expect(wrong()).toEqual([]);

  // Whatever does not fit is refused.
  const misshapen = await fetch(`${api}/repos/acme/x/pulls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ head: 1 }),
  });
  expect(misshapen.status).toBe(422);
});
