import type { Client } from '@temporalio/client';
import type { Answer } from '#server/contracts/client.ts';
import type { getPullRequest, pullRequestDiff } from '#server/contracts/pull-requests.ts';
import { eventually } from '#tests/support/api.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { finishTask } from '#tests/support/scripts.ts';
import { addTask, taskIs, works, type TicketRow } from '#tests/support/work.ts';

type PullRequest = Answer<typeof getPullRequest>;

const usefulWork = works({ Useful: { 'src/useful.js': 'export const useful = 1;\n' } });
/** Does the ticket's work, and for each request of changes a file of its own, unless it asks to wait. */
const played = () =>
  playOnShared((request) =>
    request.context.kind === 'task' && request.context.title?.includes('Review changes')
      ? request.last.includes('Wait for ever')
        ? { hang: true }
        : finishTask(request, { [`src/review-${request.user_id.slice(-6)}.js`]: 'export const reviewed = 1;\n' })
      : usefulWork(request),
  );

const requestChanges = (id: string, comments: string) =>
  api().post<{ ticket_id: string; task_id: string }>(`/pull-requests/${id}/request-changes`, { comments });

const pullOf = (filter: string) =>
  api()
    .until<{ items: PullRequest[] }>(`/pull-requests?${filter}`, ({ items }) => items[0]?.state === 'open', 60_000)
    .then(({ items }) => items[0] as PullRequest);

/** A quick ticket, up to its open pull request. */
async function openedPullRequest(word: string) {
  const { id: project_id, repository } = await newProject();
  const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
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

/** The run that carries changes out, and the run in whose conversation it goes on. */
const authorOf = async (task_id: string) => {
  const { items } = await api().get<{ items: { id: string; continues: { run_id: string } | null }[] }>(
    `/runs?task_id=${task_id}&kind=task`,
  );
  return { id: items[0]?.id, continues: items[0]?.continues?.run_id };
};

const isRunning = async ({ workflow }: Client, id: string) =>
  (await workflow.getHandle(id).describe()).status.name === 'RUNNING';

const state = async (id: string) => (await api().get<PullRequest>(`/pull-requests/${id}`)).state;

describe('the end of a pull request', () => {
  test('a closed pull request takes no merge and no tasks, main does not move, and changes open the next one', async () => {
    const model = await played();
    const { repository, ticket, pull } = await openedPullRequest(model.word);
    const main = repository.git('rev-parse', 'main');
    // Changes that are under way are in no merge, do not hold up newer ones, and end with the pull request.
    const slow = await requestChanges(pull.id, 'Wait for ever.');
    await taskIs(slow.task_id, 'running');
    const early = await api().request('POST', `/pull-requests/${pull.id}/merge`, {});
    expect(early).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/does not contain the task "Review changes of #1" .* running\. Wait/) },
    });
    expect(await api().request('POST', `/tickets/${ticket.id}/cancel`, {})).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/is open\. Close it, or cancel the tasks/) },
    });
    const newer = await requestChanges(pull.id, 'Wait for ever, too.');
    await taskIs(newer.task_id, 'running');
    expect(await api().post(`/pull-requests/${pull.id}/close`)).toEqual({ status: 'closed' });

    const merge = await api().request('POST', `/pull-requests/${pull.id}/merge`, {});
    expect(merge.status).toBe(409);
    expect(JSON.stringify(merge.body)).toMatch(/is closed, so it cannot be merged\. Create a ticket/);
    expect(repository.git('rev-parse', 'main')).toBe(main);

    const task = { ticket_id: ticket.id, title: 'More', description: 'Do more of it.' };
    const added = await api().request('POST', '/tasks', task);
    expect(added.status).toBe(409);
    expect(JSON.stringify(added.body)).toMatch(/is closed, so it takes no more tasks\. Create a new ticket/);
    for (const { task_id: id } of [slow, newer]) await taskIs(id, 'cancelled');
    expect(await api().all(`/tasks?ticket_id=${ticket.id}`)).toHaveLength(3);
    const temporal = await temporalClient();
    for (const id of [`pr:${pull.id}`, `ticket:${ticket.id}`])
      await eventually(`${id} ends`, async () => !(await isRunning(temporal.client, id)));
    await temporal.close();
    expect(await state(pull.id)).toBe('closed');
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({
      status: 'cancelled',
      last_error: expect.stringMatching(/^Pull request #\d+ was closed without a merge\.$/),
    });

    const { ticket_id, task_id } = await requestChanges(pull.id, 'Rename it.');
    const next = await pullOf(`ticket_id=${ticket_id}`);
    expect(next.branch).not.toBe(pull.branch);
    expect(next.body).toContain(`Follows pull request #${pull.number} (closed)`);
    // The author makes them, in its conversation.
    const author = await authorOf(ticket.task_id);
    const change = await authorOf(task_id);
    expect(change.continues).toBe(author.id);
    const asked = model.model.of(`run:${change.id}`);
    expect(asked[0]?.last).toMatch(/# Changes are requested\nYour work .*#\d+\..*Rename it\./s);
    expect(asked[0]?.body.messages.slice(0, 1)).toEqual(model.model.of(`run:${author.id}`)[0]?.body.messages);
    // The closed one's commits are in no other branch, so the next one shows and merges them too.
    const { files } = await api().get<Answer<typeof pullRequestDiff>>(`/pull-requests/${next.id}/diff`);
    expect(files.map(({ path }) => path).sort()).toEqual([expect.stringMatching(/^src\/review-/), 'src/useful.js']);
    await api().post(`/pull-requests/${next.id}/merge`);
    expect(repository.show('main', 'src/useful.js')).toContain('useful');
    expect([await state(pull.id), await state(next.id)]).toEqual(['closed', 'merged']);
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({ status: 'cancelled' });
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

  test('after the merge, tasks are refused with the remedy, and changes open the next one from the new base', async () => {
    const model = await played();
    const { repository, project_id, ticket, pull } = await openedPullRequest(model.word);
    const merged = await api().post<PullRequest>(`/pull-requests/${pull.id}/merge`);
    await expect(addTask(ticket.id, 'More')).rejects.toThrow(/409.*is merged, so it takes no more tasks/);

    const first = await requestChanges(pull.id, 'Rename it.');
    expect(first.ticket_id).not.toBe(ticket.id);
    const next = await pullOf(`ticket_id=${first.ticket_id}`);
    expect(next).toMatchObject({ base_sha: merged.merge_sha, state: 'open' });
    expect(next.body).toContain(`Follows pull request #${pull.number} (merged)`);
    // While the next one is open, further changes of the ended one join it.
    const second = await requestChanges(pull.id, 'And once more.');
    expect(second.ticket_id).toBe(first.ticket_id);
    await taskIs(second.task_id, 'completed');
    expect((await authorOf(second.task_id)).continues).toBe((await authorOf(first.task_id)).id);
    await api().until<PullRequest>(`/pull-requests/${next.id}`, (row) => row.head_sha !== next.head_sha, 60_000);
    await api().post(`/pull-requests/${next.id}/merge`);
    expect(repository.git('ls-tree', '-r', '--name-only', 'main').match(/src\/review-/g)).toHaveLength(2);
    expect(await api().get(`/tickets/${first.ticket_id}`)).toMatchObject({ status: 'done' });
    expect(await api().all(`/pull-requests?project_id=${project_id}`)).toHaveLength(2);
    // The next one has ended too, so its own successor takes what is asked now.
    const third = await requestChanges(pull.id, 'Still not.');
    expect([ticket.id, first.ticket_id]).not.toContain(third.ticket_id);
    await api().post(`/tickets/${third.ticket_id}/cancel`);
    await model.stop();
  });
});
