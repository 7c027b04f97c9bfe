import { api, atGithub, newGithubProject, playOnShared, shared } from '#tests/support/shared.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';

interface PullRow {
  id: string;
  number: number;
  url: string;
  state: string;
  branch: string;
  provider: string;
}

/** A ticket of the project whose task writes one file, until its pull request is open. */
async function workedOn(project: { id: string }, file: string) {
  const played = await playOnShared(
    (request) =>
      answerValue(request) ??
      (request.context.kind === 'validation' ? reviewPasses(request) : finishTask(request, { [file]: 'export {};\n' })),
  );
  const ticket = await api().post<{ id: string }>('/tickets', {
    project_id: project.id,
    title: `Write ${file} ${played.word}`,
    description: `An empty module ${file}`,
    workflow_mode: 'quick',
  });
  const { items } = await api().until<{ items: PullRow[] }>(
    `/pull-requests?ticket_id=${ticket.id}`,
    (page) => page.items.length > 0,
  );
  await played.stop();
  return { ticket, pull: items[0] as PullRow };
}

const merge = (id: string) => api().post(`/pull-requests/${id}/merge`, { method: 'squash' });

describe('a project at GitHub', () => {
  test('[GIT-06] [GIT-07] its work becomes a pull request there, is held by a rule of its repository, and merged once', async () => {
    const project = await newGithubProject('shop');
    const { ticket, pull } = await workedOn(project, 'src/one.js');
    expect(pull).toMatchObject({ number: 1, state: 'open', url: `${shared.githubUrl}/acme/shop/pull/1` });
    const [there, ...others] = await project.pulls();
    expect(others).toEqual([]);
    expect(there).toMatchObject({ number: 1, head: pull.branch, base: 'main', state: 'open' });
    expect(there?.title).toMatch(/^\[TKT-1\] Write src\/one\.js/);
    expect(there?.body).toContain(`<!-- omoios ticket:${ticket.id} -->`);
    expect(project.git('show', `${pull.branch}:src/one.js`)).toBe('export {};');

    await atGithub('rule', 'At least 1 approving review is required by reviewers with write access.');
    const refused = await merge(pull.id).catch((error: unknown) => String(error));
    await atGithub('rule', '');
    expect(refused).toMatch(/409.*At least 1 approving review is required.*Give the required reviews/s);
    await merge(pull.id);
    expect((await project.pulls())[0]?.merge_sha).toBe(project.git('rev-parse', 'main'));
    expect(project.git('log', '--format=%s', 'main').split('\n')).toHaveLength(2);
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({ status: 'done' });
  });

  test('[GIT-06] a pull request that is closed here is closed there, and its token is in no answer', async () => {
    const project = await newGithubProject('closed');
    const { pull } = await workedOn(project, 'src/two.js');
    await api().post(`/pull-requests/${pull.id}/close`, {});
    expect(await project.pulls()).toMatchObject([{ number: 1, state: 'closed', merge_sha: null }]);
    const shown = [await api().get(`/projects/${project.id}`), await api().get(`/pull-requests/${pull.id}`)];
    expect(JSON.stringify(shown)).not.toContain(project.token);
  });
});
