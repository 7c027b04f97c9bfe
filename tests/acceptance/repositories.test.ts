import { rmSync } from 'node:fs';
import path from 'node:path';
import { serveRepository } from '#tests/support/git-host.ts';
import { newPerson } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { Hold } from '#tests/support/hold.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { taskIs } from '#tests/support/work.ts';
import { git } from '#tests/ports/local/fixture.ts';
import { api, newProject, playOnShared, shared } from '#tests/support/shared.ts';

test('a token in a repository URL is stored encrypted, used, and shown nowhere', async () => {
  const token = 'glpat-a-token-of-no-known-shape';
  const host = await serveRepository({ username: 'x', password: token });
  const { port } = new URL(host.url);
  const project = await api().post<{ id: string; organization_id: string; repository: { url: string } }>('/projects', {
    name: 'remote',
    repository: { url: `http://x:${token}@localhost:${port}/repository.git` },
  });
  expect(project.repository.url).toBe(`http://localhost:${port}/repository.git`);
  const launched = await api().post<{ spec_id: string }>('/specs/launch', {
    project_id: project.id,
    title: 'Later',
    description: 'Read by the stored credential.',
    auto_execute: false,
  });
  const shown = await Promise.all(
    ['/projects?limit=200', `/projects/${project.id}`, `/specs/${launched.spec_id}`, '/events?limit=1000'].map((path) =>
      api().get(path),
    ),
  );
  expect(JSON.stringify([project, ...shown])).not.toContain(token);

  const { store, close } = await stackServices();
  const row = await store.projects.get(project.organization_id, project.id);
  expect(JSON.stringify(row)).not.toContain(token);
  const credential = await store.credentials.ofRepositories(project.organization_id, row.credential_id ?? '');
  expect(credential).toMatchObject({ kind: 'repository', label: project.repository.url });
  expect(JSON.stringify(credential)).not.toContain(token);
  // Another organization cannot use it.
  const other = await newPerson();
  expect(await store.credentials.ofRepositories(other.organization_id, credential?.id ?? '')).toBeNull();
  // An expired token is replaced by an administrator, once the host accepts the new one.
  const renewed = 'glpat-the-token-after-it';
  const renew = (url: string, on = api()) => on.request('PATCH', `/projects/${project.id}`, { repository: { url } });
  const withToken = `http://x:${renewed}@localhost:${port}/repository.git`;
  expect(await renew(withToken)).toMatchObject({ status: 400, body: { details: { reason: 'unreachable' } } });
  host.expect(renewed);
  const launchAgain = () =>
    api().request('POST', '/specs/launch', {
      project_id: project.id,
      title: 'After it',
      description: 'Read by the new credential.',
      auto_execute: false,
    });
  expect((await launchAgain()).status).toBe(400);
  expect(await renew(withToken.replace('/repository.git', '/other.git'))).toMatchObject({
    status: 400,
    body: { message: expect.stringMatching(/repository\.url must be the address of the project's repository/) },
  });
  expect((await renew(project.repository.url)).body.message).toMatch(/holds no token/);
  const answered = await renew(withToken);
  expect(answered).toMatchObject({ status: 200, body: { repository: { url: project.repository.url } } });
  expect(JSON.stringify(answered.body)).not.toContain(renewed);
  expect((await launchAgain()).status).toBeLessThan(300);
  expect(await store.credentials.ofRepositories(project.organization_id, credential?.id ?? '')).toBeNull();
  await close();
  const refused = await other.api.request('POST', '/projects', {
    name: 'theirs',
    repository: { url: project.repository.url },
  });
  expect(refused).toMatchObject({ status: 400, body: { details: { reason: 'unreachable' } } });
  host.close();
});

test('a host in a private network and a repository of another organization are refused', async () => {
  for (const url of ['http://127.0.0.1:9/x.git', 'http://169.254.169.254/latest', 'git@10.0.0.5:acme/secret.git'])
    expect([url, await api().request('POST', '/projects', { name: 'x', repository: { url } })]).toMatchObject([
      url,
      { status: 400, body: { message: expect.stringContaining('OMOIOS_OUTBOUND_ALLOW') } },
    ]);
  const { repository, id } = await newProject();
  const other = await newPerson();
  const linked = `${repository.path}-linked`;
  git(repository.path, 'worktree', 'add', '-q', '-b', 'side', linked);
  const ways = [repository.path, linked, `${repository.path}/.git`, `${shared.dataDir}/repos/${id}.git`];
  for (const place of ways.flatMap((way) => [{ path: way, allow_dirty: true }, { url: `file://${way}` }]))
    expect(await other.api.request('POST', '/projects', { name: 'theirs', repository: place })).toMatchObject({
      status: 400,
      body: { details: { reason: 'outside_roots' } },
    });
});

test('a deleted mirror is made again: a run that needs what it alone held fails with the reason, and work continues', async () => {
  const hold = new Hold();
  const played = await playOnShared(async (request) => {
    const value = answerValue(request);
    if (value) return value;
    if (request.context.kind === 'validation') return reviewPasses(request);
    if (request.step === 1) await hold.here();
    return finishTask(request, { 'src/kept.js': `export const kept = ${request.context.attempt};\n` });
  });
  const project = await newProject();
  const ticket = await api().post<{ id: string; task_id: string }>('/tickets', {
    project_id: project.id,
    title: `Keep ${played.word}`,
    description: 'Write src/kept.js.',
    workflow_mode: 'quick',
  });
  await hold.reached;
  rmSync(path.join(shared.dataDir, 'repos', `${project.id}.git`), { recursive: true });
  hold.release();
  const failed = await taskIs(ticket.task_id, 'failed');
  expect(failed.error_message).toMatch(/The commit [0-9a-f]{12} is lost: .* Retry the task/);
  await api().post(`/tasks/${ticket.task_id}/retry`);
  await taskIs(ticket.task_id, 'completed');
  const { items } = await api().until<{ items: { id: string; branch: string }[] }>(
    `/pull-requests?project_id=${project.id}`,
    (page) => page.items.length > 0,
  );
  expect(project.repository.show(items[0]?.branch ?? '', 'src/kept.js')).toContain('kept = 2');
  rmSync(path.join(shared.dataDir, 'repos', `${project.id}.git`), { recursive: true });
  const diff = await api().get<{ files: unknown[] }>(`/pull-requests/${items[0]?.id}/diff`);
  expect(diff.files).toHaveLength(1);
  await played.stop();
});
