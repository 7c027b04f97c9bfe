import type { Answer } from '#server/contracts/client.ts';
import type { getPullRequest } from '#server/contracts/pull-requests.ts';
import { eventually } from '#tests/support/api.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, task, taskIs, works, type TicketRow } from '#tests/support/work.ts';

type PullRequest = Answer<typeof getPullRequest>;
const organizationOf = async (project_id: string) =>
  (await api().get<{ organization_id: string }>(`/projects/${project_id}`)).organization_id;

describe('tickets', () => {
  test('[GIT-05] a branch exists before its sandbox, and a retry works on the same one', async () => {
    let branchesAtStart: string[] | undefined;
    const { id: project_id, repository } = await newProject();
    const played = await playOnShared((request) => {
      if (request.context.kind === 'task') branchesAtStart ??= repository.branches();
      if (request.context.kind === 'task' && request.context.attempt === 1) return { hang: true };
      return works({ Branch: { 'src/branch.js': 'export const branch = 1;\n' } })(request);
    });
    repository.git('branch', `feature/TKT-1-branch-${played.word}`.slice(0, 60));
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Branch ${played.word}`,
      description: 'Add a branch.',
      workflow_mode: 'quick',
    });
    const first = await taskIs(ticket.task_id, 'running');
    await eventually('its agent is at work', () => branchesAtStart !== undefined);
    await api().post(`/tasks/${ticket.task_id}/fail`, { reason: 'To be tried anew.' });
    expect((await taskIs(ticket.task_id, 'failed')).error_message).toContain('To be tried anew.');
    await api().post(`/tasks/${ticket.task_id}/retry`);
    const done = await taskIs(ticket.task_id, 'completed');
    const { branch } = await api().get<TicketRow>(`/tickets/${ticket.id}`);
    expect(branch).toMatch(/^feature\/TKT-\d+-branch-w/);
    expect(branchesAtStart).toContain(branch);
    expect(done.attempt).toBe(2);
    expect(done.branch).toBe(first.branch);
    // A review, if there was one, used the same branch.
    const runs = await api().all<{ branch: string }>(`/runs?ticket_id=${ticket.id}`);
    expect(new Set(runs.map((run) => run.branch))).toEqual(new Set([first.branch]));
    await played.stop();
  });

  test("[GIT-06] a ticket's pull request names it; without a commit there is none, and it says why", async () => {
    const played = await playOnShared(works({ Useful: { 'src/useful.js': 'export const useful = 1;\n' }, Empty: {} }));
    const { id: project_id } = await newProject();
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Useful ${played.word}`,
      description: 'Add something.',
      workflow_mode: 'quick',
    });
    const { items } = await api().until<{ items: PullRequest[] }>(
      `/pull-requests?project_id=${project_id}`,
      (page) => page.items.length > 0,
      90_000,
    );
    const [opened] = items as [PullRequest];
    expect(opened.title).toMatch(new RegExp(`^\\[${ticket.key}\\] `));
    expect(opened.number).toBeGreaterThan(0);
    expect(opened.url).toMatch(/^http/);
    const { body } = await api().get<PullRequest>(`/pull-requests/${opened.id}`);
    expect(body).toContain(ticket.key);

    const empty = await newTicket(project_id, `Nothing ${played.word}`);
    const services = await stackServices();
    const organization_id = await organizationOf(project_id);
    await services.activities.openTicket({ organization_id, ticket_id: empty.id, base_branch: null });
    expect(await services.activities.openPullRequest({ organization_id, ticket_id: empty.id, spec_id: null })).toEqual({
      opened: false,
      reason: 'No commit was made, so there is nothing to open a pull request for.',
    });
    await services.close();
    expect((await api().all(`/pull-requests?project_id=${project_id}`)).length).toBe(1);
    await played.stop();
  });

  test('a cancelled ticket is cancelled in its record, with its unstarted tasks and its discoveries', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const words = { title: `Cancel ${played.word}`, description: 'Count the words of a text file.' };
    const ticket = await newTicket(project_id, words.title, words);
    const running = await addTask(ticket.id, `Runs ${played.word}`);
    const later = await addTask(ticket.id, `Later ${played.word}`, { depends_on: [running.id] });
    await taskIs(running.id, 'running');
    const found = await api().post<{ discovery: { id: string }; task_id: string }>(`/tasks/${running.id}/discoveries`, {
      type: 'bug',
      description: 'The last word of the file is not counted.',
      blocking: false,
    });
    await taskIs(found.task_id, 'running', 'claiming', 'assigned');
    expect(await api().post(`/tickets/${ticket.id}/cancel`, { reason: 'Not wanted' })).toEqual({
      status: 'cancelling',
    });
    const ended = await api().until<TicketRow>(`/tickets/${ticket.id}`, (row) => row.status === 'cancelled');
    expect(ended).toMatchObject({ needs_review: false, last_error: expect.stringContaining('Not wanted') });
    expect((await task(later.id)).status).toBe('cancelled');
    for (const id of [running.id, found.task_id]) await taskIs(id, 'cancelled');
    const { items } = await api().get<{ items: { resolution_status: string }[] }>(`/tickets/${ticket.id}/discoveries`);
    expect(items.map((one) => one.resolution_status)).toEqual(['invalid']);

    expect((await api().request('POST', `/tickets/${ticket.id}/cancel`)).status).toBe(409);
    await expect(addTask(ticket.id, 'More')).rejects.toThrow(/409.*is cancelled, so it takes no more tasks/);
    const again = await api().request('POST', '/tickets', { project_id, ...words, workflow_mode: 'spec_driven' });
    expect(again.body).toMatchObject({ title: words.title });
    await played.stop();
  });

  test('a ticket that never ran can be cancelled, once', async () => {
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, 'A ticket that never ran');
    expect(await api().post(`/tickets/${ticket.id}/cancel`)).toEqual({ status: 'cancelled' });
    expect((await api().get<TicketRow>(`/tickets/${ticket.id}`)).status).toBe('cancelled');
    const again = await api().request('POST', `/tickets/${ticket.id}/cancel`);
    expect(again.status).toBe(409);
    expect(JSON.stringify(again.body)).toContain('is cancelled, so there is nothing to cancel');
  });

  test('a task that failed can be cancelled', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Fails ${played.word}`);
    const failed = await addTask(ticket.id, `Fails ${played.word}`);
    await taskIs(failed.id, 'running');
    await api().post(`/tasks/${failed.id}/fail`, { reason: 'For the test.' });
    await taskIs(failed.id, 'failed');
    await api().post(`/tasks/${failed.id}/cancel`);
    await taskIs(failed.id, 'cancelled');
    // Every task of the ticket was cancelled, and so is the ticket.
    await api().until<TicketRow>(`/tickets/${ticket.id}`, (row) => row.status === 'cancelled');
    await played.stop();
  });

  test('a duplicate answers 200 and creates nothing; a phase that the board does not have is refused', async () => {
    const { id: project_id } = await newProject();
    const words = {
      project_id,
      title: 'Count the words',
      description: 'Of a text file.',
      workflow_mode: 'spec_driven',
    };
    expect((await api().request('POST', '/tickets', words)).status).toBe(201);
    const twin = await api().request('POST', '/tickets', words);
    expect(twin).toMatchObject({ status: 200, body: { is_duplicate: true } });
    const odd = await api().request('POST', '/tickets', { ...words, phase_id: 'banana', force_create: true });
    expect(odd).toMatchObject({ status: 422, body: { details: [{ field: 'phase_id' }] } });
    expect(await api().all(`/tickets?project_id=${project_id}`)).toHaveLength(1);
  });
});
