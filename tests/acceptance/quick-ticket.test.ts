import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';

describe('a quick ticket', () => {
  test("[GIT-05] [GIT-06] becomes a pull request whose branch passes the project's own tests", async () => {
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (request.context.kind === 'validation'
          ? reviewPasses(request)
          : finishTask(request, { 'src/double.js': 'export const double = (n) => 2 * n;\n' })),
    );
    const project = await newProject();
    const ticket = await api().post<{ id: string; task_id: string; key: string }>('/tickets', {
      project_id: project.id,
      title: `Add a function that doubles ${played.word}`,
      description: 'double(n) in src/double.js',
      workflow_mode: 'quick',
    });
    const { items } = await api().until<{
      items: { number: number; title: string; branch: string; state: string; body: string }[];
    }>(`/pull-requests?project_id=${project.id}`, (page) => page.items.length > 0);
    expect(items).toHaveLength(1);
    expect(items[0]?.title).toMatch(/^\[TKT-1\] /);
    expect(items[0]?.body).toContain('TKT-1');
    expect(items[0]?.state).toBe('open');
    expect(project.repository.branches()).toContain(items[0]?.branch);
    expect(project.repository.show(items[0]?.branch as string, 'src/double.js')).toContain('2 * n');
    expect(project.repository.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('main');
    const task = await api().get<{ status: string; branch: string }>(`/tasks/${ticket.task_id}`);
    expect(task.status).toBe('completed');
    expect(task.branch).toMatch(new RegExp(`^task/${ticket.task_id.slice(0, 8)}/`));
    await played.stop();
  });

  test('[PLAN-01] starts from the branch that its launch names and returns to it, and the default branch stays', async () => {
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (request.context.kind === 'validation'
          ? reviewPasses(request)
          : finishTask(request, { 'src/double.js': 'export const double = (n) => 2 * n;\n' })),
    );
    const { id: project_id, repository } = await newProject();
    repository.git('branch', 'release/1');
    repository.write('later.txt', 'Only on main.\n');
    repository.commit('Later');
    const main = repository.git('rev-parse', 'main');
    const release = repository.git('rev-parse', 'release/1');
    expect(await api().get(`/projects/${project_id}/branches`)).toEqual({
      ...{ default_branch: 'main', branches: ['main', 'release/1'], total: 2 },
    });
    const words = { project_id, title: `Double on a release ${played.word}`, description: 'double(n).' };
    for (const [address, body] of [
      ['/tickets', { ...words, workflow_mode: 'quick', base_branch: 'release/2' }],
      ['/specs/launch', { ...words, base_branch: 'release/2' }],
    ] as const)
      expect(await api().request('POST', address, body)).toMatchObject({
        status: 400,
        body: { details: [{ field: 'base_branch', message: expect.stringContaining('release/1') }] },
      });
    expect(await api().all(`/tickets?project_id=${project_id}`)).toEqual([]);

    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      ...{ ...words, base_branch: 'release/1', auto_execute: false },
    });
    expect(await api().post(`/specs/${spec_id}/create-branch`)).toMatchObject({ base: 'release/1', base_sha: release });
    const ticket = { ...words, workflow_mode: 'quick', base_branch: 'release/1' };
    expect(await api().post('/tickets', ticket)).toMatchObject({ base_branch: 'release/1' });
    const { items } = await api().until<{ items: { id: string; base: string }[] }>(
      `/pull-requests?project_id=${project_id}`,
      (page) => page.items.length > 0,
      90_000,
    );
    expect(items[0]?.base).toBe('release/1');
    await api().post(`/pull-requests/${items[0]?.id}/merge`, {});
    expect(repository.git('rev-parse', 'main')).toBe(main);
    expect(repository.show('release/1', 'src/double.js')).toContain('2 * n');
    expect(repository.git('ls-tree', '--name-only', 'release/1')).not.toContain('later.txt');
    await played.stop();
  });
});
