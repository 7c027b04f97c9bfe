import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Api } from '#tests/support/api.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { api, newProject, shared } from '#tests/support/shared.ts';

interface Refusal {
  error: string;
  message: string;
  details?: unknown;
}

/** Counts only the records that these tests request, since other tests share the organization. */
const refusedProjects = async () =>
  (await api().all<{ name: string }>('/projects')).filter(({ name }) => name === 'refused');
const makeProject = (repository: object, more: object = {}) =>
  api().request<Refusal>('POST', '/projects', { name: 'refused', repository, ...more });

describe('bad input gets its own error, and leaves no trace', () => {
  test('a repository that is none, is empty, is dirty, or lacks the branch', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'omoios-plain-'));
    const empty = new TestRepository({});
    const dirty = new TestRepository();
    dirty.write('src/sum.js', 'changed and not committed\n');
    const good = new TestRepository();
    const cases: [object, object, number, RegExp][] = [
      [{ path: '/no/such/folder' }, {}, 400, /There is nothing at \/no\/such\/folder/],
      [{ path: folder }, {}, 400, /is not a Git repository/],
      [{ path: 'relative/path' }, {}, 400, /repository\.path must be absolute/],
      [{ path: empty.path }, {}, 400, /no commit/],
      [{ path: dirty.path }, {}, 409, /not committed.*Commit or stash them/],
      [{ path: good.path }, { default_branch: 'release/9' }, 400, /release\/9/],
      [{ path: good.path }, { default_branch: '--upload-pack=touch /tmp/x' }, 400, /branch/],
      [{ url: 'ext::sh -c touch% /tmp/owned' }, {}, 400, /https|ssh|URL/i],
      [{ url: 'file:///etc' }, {}, 400, /./],
      [{ path: good.path, url: 'https://example.test/x.git' }, {}, 422, /./],
      [{}, {}, 422, /repository/],
    ];
    for (const [repository, more, status, words] of cases) {
      const answer = await makeProject(repository, more);
      expect([repository, answer.status]).toEqual([repository, status]);
      expect(answer.body.message).toMatch(words);
    }
    expect(await refusedProjects()).toEqual([]);
    expect(dirty.git('status', '--porcelain')).toBe('M src/sum.js');
    expect((await makeProject({ path: dirty.path, allow_dirty: true })).status).toBe(201);
    expect(dirty.git('status', '--porcelain')).toBe('M src/sum.js');
  });

  test('a feature of no characters, and one of a hundred thousand', async () => {
    const { id: project_id } = await newProject();
    const launch = (body: object) =>
      api().request<Refusal>('POST', '/specs/launch', {
        project_id,
        title: 'A feature',
        description: 'Words.',
        auto_execute: false,
        ...body,
      });
    for (const body of [
      { title: '' },
      { title: '   ' },
      { description: '' },
      { title: 'x'.repeat(501) },
      { description: 'x'.repeat(100_000) },
      { gate_policy: { mode: 'perhaps' } },
      { budget_usd: -1 },
      { gate_policy: { mode: 'ask', phases: ['lunch'] } },
    ]) {
      const answer = await launch(body);
      expect([Object.keys(body)[0], answer.status]).toEqual([Object.keys(body)[0], 422]);
      expect(JSON.stringify(answer.body.details)).toContain(Object.keys(body)[0]?.split('_')[0]);
    }
    expect(await api().all(`/specs?project_id=${project_id}`)).toEqual([]);
  });

  test('a wrong key, an unknown id, a state that does not fit', async () => {
    const { id: project_id } = await newProject();
    expect(await new Api(shared.url, 'sk_live_wrong').request('GET', '/projects')).toMatchObject({
      status: 401,
      body: { error: 'unauthenticated', message: expect.stringContaining('unknown, revoked or expired') },
    });
    const unknownId = '00000000-0000-4000-8000-000000000000';
    for (const kind of ['projects', 'specs', 'tickets', 'tasks', 'runs', 'pull-requests', 'organizations']) {
      for (const id of [unknownId, 'x', '1', '%27%3B--'])
        expect([kind, id, (await api().request('GET', `/${kind}/${id}`)).status]).toEqual([kind, id, 404]);
    }
    expect(
      (
        await api().request('POST', '/specs/launch', {
          project_id: unknownId,
          title: 'x',
          description: 'x',
          auto_execute: true,
        })
      ).status,
    ).toBe(404);
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: 'Waits',
      description: 'Not started.',
      auto_execute: false,
    });
    expect((await api().request('POST', `/specs/${spec_id}/phases/prd/approve`)).status).toBe(409);
    expect((await api().request('POST', `/specs/${spec_id}/phases/lunch/approve`)).status).toBe(422);
    expect((await api().request('POST', `/specs/${spec_id}/resume`)).status).toBe(409);
    await api().request('PATCH', `/projects/${project_id}`, { status: 'archived' });
    expect((await api().request('POST', '/tickets', { project_id, title: 'x', description: 'x' })).status).toBe(409);
  });

  test('the command line says what is wrong, and its exit code does too', async () => {
    const omoios = (...args: string[]) => {
      try {
        return {
          code: 0,
          out: execFileSync(process.execPath, ['scripts/cli/omoios.js', ...args], {
            encoding: 'utf8',
            stdio: 'pipe',
            env: {
              PATH: process.env.PATH,
              OMOIOS_DATA_DIR: shared.dataDir,
              OMOIOS_API: shared.url,
            } as unknown as NodeJS.ProcessEnv,
          }),
        };
      } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
        return { code: status, out: `${stdout}${stderr}` };
      }
    };
    const none = omoios('feature', 'Something', '--repo', '/no/such/folder');
    expect(none.code).not.toBe(0);
    expect(none.out).toContain('/no/such/folder');
    expect(none.out).not.toMatch(/\n\s+at /);
    expect(omoios('feature', '', '--repo', '/tmp').code).not.toBe(0);
    expect(omoios('feature', 'x', '--repo', '/tmp', '--gates', 'never').out).toMatch(/gates/);
    expect(omoios('run', 'show', 'nobody')).toMatchObject({
      code: expect.any(Number),
      out: expect.stringMatching(/no such|There is no/i),
    });
    expect(omoios('dance').code).not.toBe(0);
    const key = readFileSync(path.join(shared.dataDir, 'owner-key'), 'utf8').trim();
    expect([none.out, omoios('doctor').out, omoios('spec', 'list').out].join()).not.toContain(key);
    expect(omoios('spec', 'list', '--api', 'http://127.0.0.1:9')).toMatchObject({
      out: expect.stringMatching(/npm start|not running|no answer|reach/i),
    });
    expect(omoios('--help').out).toMatch(/feature.*spec.*run.*task.*report.*doctor.*replay/s);
  }, 240_000);
});
