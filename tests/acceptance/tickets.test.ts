import type { Answer } from '#server/contracts/client.ts';
import type { getPullRequest } from '#server/contracts/pull-requests.ts';
import { eventually } from '#tests/support/api.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { newTicket, taskIs, works, type TicketRow } from '#tests/support/work.ts';

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
});
