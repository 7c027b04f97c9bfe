import type { Answer } from '#server/contracts/client.ts';
import type { branchStatus, finishBranch, mergeBranch, startBranch } from '#server/contracts/branch-workflow.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, works } from '#tests/support/work.ts';

const call = <T>(name: string, body: object) => api().post<T>(`/branch-workflow/${name}`, body);
const refusal = (name: string, body: object) => api().request('POST', `/branch-workflow/${name}`, body);

test('[GIT-05] [GIT-06] [GIT-07] the branch of a ticket is made once before its work, and is merged when that is safe', async () => {
  const model = await playOnShared(works({ Useful: { 'src/useful.js': 'export const useful = 1;\n' } }));
  const { id: project_id, repository } = await newProject();
  const { id: ticket_id, key } = await newTicket(project_id, `Fix what is useful ${model.word}`);
  expect(await refusal('status', { ticket_id })).toMatchObject({ status: 409 });

  const starts = await Promise.all([1, 2, 3].map(() => call<Answer<typeof startBranch>>('start', { ticket_id })));
  const main = repository.git('rev-parse', 'main');
  const [{ branch }] = starts as [Answer<typeof startBranch>];
  expect(branch).toMatch(new RegExp(`^fix/${key}-fix-what-is-useful`));
  expect(starts.filter(({ created }) => created)).toHaveLength(1);
  for (const start of starts) expect(start).toMatchObject({ branch, base: 'main', base_sha: main, head_sha: main });
  expect(repository.git('rev-parse', branch)).toBe(main);
  expect(repository.branches()).toEqual([branch, 'main']);
  expect(await refusal('finish', { ticket_id })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('no commits yet') },
  });

  // The work takes the branch that is there.
  await addTask(ticket_id, `Useful ${model.word}`);
  const open = await api().until<{ items: { id: string; number: number; url: string; branch: string }[] }>(
    `/pull-requests?ticket_id=${ticket_id}`,
    ({ items }) => items.length > 0,
    90_000,
  );
  const [pull] = open.items;
  expect(pull?.branch).toBe(branch);
  expect(await call<Answer<typeof finishBranch>>('finish', { ticket_id })).toEqual({
    pull_request_id: pull?.id,
    number: pull?.number,
    url: pull?.url,
    state: 'open',
  });

  // What is in the way of the merge is said, and nothing changes.
  repository.write('src/useful.js', 'export const other = 2;\n');
  repository.commit('Other');
  expect(await call<Answer<typeof branchStatus>>('status', { ticket_id })).toMatchObject({
    branch,
    ahead_by: 1,
    behind_by: 1,
    has_conflicts: true,
    conflicts: ['src/useful.js'],
    pull_request: { number: pull?.number, state: 'open' },
  });
  expect(await refusal('merge', { ticket_id })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('src/useful.js') },
  });
  expect(repository.branches()).toContain(branch);

  repository.git('revert', '--no-edit', 'HEAD');
  const merged = await call<Answer<typeof mergeBranch>>('merge', { ticket_id });
  expect(merged).toMatchObject({
    number: pull?.number,
    branch_deleted: true,
    merge_sha: repository.git('rev-parse', 'main'),
  });
  expect(repository.branches()).not.toContain(branch);
  expect(repository.git('log', '-1', '--format=%P', 'main').split(' ')).toHaveLength(1);
  // A repeated request has the same end, and an ended ticket gets no new branch.
  expect(await call('merge', { ticket_id })).toMatchObject({ merge_sha: merged.merge_sha });
  expect(await refusal('start', { ticket_id })).toMatchObject({ status: 409 });
}, 240_000);

test('[PLAN-20] the branch of a spec is made once, and its pull request is refused while it has no work', async () => {
  const { id: project_id, repository } = await newProject();
  const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: 'Later work',
    description: 'Something for later.',
    auto_execute: false,
  });
  const branches = await Promise.all(
    [1, 2].map(() => api().post<{ branch: string }>(`/specs/${spec_id}/create-branch`)),
  );
  expect(new Set(branches.map(({ branch }) => branch))).toEqual(new Set([`spec/${spec_id.slice(0, 8)}-later-work`]));
  expect(repository.git('rev-parse', `spec/${spec_id.slice(0, 8)}-later-work`)).toBe(
    repository.git('rev-parse', 'main'),
  );
  expect(await api().request('POST', `/specs/${spec_id}/create-pr`)).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('no commits yet') },
  });
});
