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
});
