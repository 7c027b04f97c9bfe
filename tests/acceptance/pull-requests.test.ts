import type { Answer } from '#server/contracts/client.ts';
import type { getPullRequest } from '#server/contracts/pull-requests.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, works, type TicketRow } from '#tests/support/work.ts';

type PullRequest = Answer<typeof getPullRequest>;

const played = () => playOnShared(works({ Useful: { 'src/useful.js': 'export const useful = 1;\n' } }));

/** A quick ticket, up to its open pull request. */
async function openedPullRequest(word: string) {
  const { id: project_id, repository } = await newProject();
  const ticket = await api().post<TicketRow>('/tickets', {
    project_id,
    title: `Useful ${word}`,
    description: 'Add something.',
    workflow_mode: 'quick',
  });
  const { items } = await api().until<{ items: PullRequest[] }>(
    `/pull-requests?project_id=${project_id}`,
    (page) => page.items.length > 0,
    90_000,
  );
  const [pull] = items as [PullRequest];
  return { project_id, repository, ticket, pull };
}

const state = async (id: string) => (await api().get<PullRequest>(`/pull-requests/${id}`)).state;

describe('the end of a pull request', () => {
  test('a closed pull request takes no merge, no changes and no tasks, and main does not move', async () => {
    const model = await played();
    const { repository, ticket, pull } = await openedPullRequest(model.word);
    const main = repository.git('rev-parse', 'main');
    expect(await api().post(`/pull-requests/${pull.id}/close`)).toEqual({ status: 'closed' });

    const merge = await api().request('POST', `/pull-requests/${pull.id}/merge`, {});
    expect(merge.status).toBe(409);
    expect(JSON.stringify(merge.body)).toMatch(/is closed, so it cannot be merged\. Create a ticket/);
    expect(repository.git('rev-parse', 'main')).toBe(main);

    const changes = await api().request('POST', `/pull-requests/${pull.id}/request-changes`, {
      comments: 'Rename it.',
    });
    expect(changes.status).toBe(409);
    expect(JSON.stringify(changes.body)).toMatch(/is closed, so it cannot be changed\. Create a ticket/);

    const task = { ticket_id: ticket.id, title: 'More', description: 'Do more of it.' };
    const added = await api().request('POST', '/tasks', task);
    expect(added.status).toBe(409);
    expect(JSON.stringify(added.body)).toMatch(/is closed, so it takes no more tasks\. Create a new ticket/);
    expect(await api().all(`/tasks?ticket_id=${ticket.id}`)).toHaveLength(1);
    expect(await state(pull.id)).toBe('closed');
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({
      status: 'cancelled',
      last_error: expect.stringMatching(/^Pull request #\d+ was closed without a merge\.$/),
    });
    await model.stop();
  });

  test('a merge and a close at once: the first decides, and the repository agrees with the record', async () => {
    const model = await played();
    const { repository, pull } = await openedPullRequest(model.word);
    const [merge, close] = await Promise.all([
      api().request('POST', `/pull-requests/${pull.id}/merge`, {}),
      api().request('POST', `/pull-requests/${pull.id}/close`, {}),
    ]);
    const ended = await state(pull.id);
    expect([merge.status, close.status]).toEqual(ended === 'merged' ? [200, 409] : [409, 202]);
    const names = repository.git('ls-tree', '-r', '--name-only', 'main');
    expect(names.includes('src/useful.js')).toBe(ended === 'merged');
    await model.stop();
  });

  test('after the merge, tasks and changes are refused with the remedy', async () => {
    const model = await played();
    const { ticket, pull } = await openedPullRequest(model.word);
    await api().post(`/pull-requests/${pull.id}/merge`);
    const changes = await api().request('POST', `/pull-requests/${pull.id}/request-changes`, {
      comments: 'Rename it.',
    });
    expect(changes.status).toBe(409);
    expect(JSON.stringify(changes.body)).toMatch(/is merged, so it cannot be changed\. Create a ticket/);
    await expect(addTask(ticket.id, 'More')).rejects.toThrow(/409.*is merged, so it takes no more tasks/);
    await model.stop();
  });
});
