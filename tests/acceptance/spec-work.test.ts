import type { Answer } from '#server/contracts/client.ts';
import type { getPullRequest } from '#server/contracts/pull-requests.ts';
import type { getSpec } from '#server/contracts/specs.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { finishTask } from '#tests/support/scripts.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';
import { addTask, task, taskIs, type TaskRow, type TicketRow } from '#tests/support/work.ts';

type Spec = Answer<typeof getSpec>;

describe('work that is added to a spec', () => {
  test('[PLAN-20] joins it while its ticket waits or has just been built, also after an early pull request, and is refused once the spec has ended', async () => {
    let held = true;
    let opened: () => void = () => undefined;
    const openedEarly = new Promise<void>((resolve) => (opened = resolve));
    const played = await playOnShared(async (request, word) => {
      const { kind, task_ref: ref, title } = request.context;
      if (kind === 'task' && title && /Added|Review/.test(title))
        return finishTask(request, { [`src/${title.split(' ')[1]}.js`]: 'export const added = 1;\n' });
      if (kind === 'task' && ref === 'TSK-002' && held) return { hang: true };
      if (kind === 'task' && ref === 'TSK-003') await openedEarly;
      return playTracker(request, word);
    });
    const { id: project_id, repository } = await newProject(api(), trackerProject, { validation: 'none' });
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Export ${played.word}`,
      description: `Tasks as a CSV file, for ${played.word}.`,
      auto_execute: true,
    });
    await api().until<{ items: TaskRow[] }>(`/tasks?spec_id=${spec_id}`, ({ items }) => items.length === 3, 60_000);
    const tasks = await api().all<TaskRow>(`/tasks?spec_id=${spec_id}`);
    const by = (ref: string) => tasks.find((row) => row.local_id === ref);
    const stuck = await taskIs(by('TSK-002')?.id ?? '', 'running');
    const waiting = by('TSK-003')?.ticket_id ?? '';
    const later = await addTask(waiting, `Added later ${played.word}`);
    // The ticket waits for another one, so nothing of it starts.
    await taskIs(by('TSK-001')?.id ?? '', 'completed');
    expect((await task(later.id)).status).toBe('pending');
    expect(await api().get<TicketRow>(`/tickets/${waiting}`)).toMatchObject({ status: 'backlog' });

    // A task that no signal announces, as one that is stored in the instant in which its ticket's workflow ends.
    const services = await stackServices();
    const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
    const unseen = {
      organization_id,
      project_id,
      spec_id,
      ticket_id: stuck.ticket_id,
      task_type: 'implement_feature',
      title: `Added unseen ${played.word}`,
      description: 'Do it.',
      phase_id: 'PHASE_IMPLEMENTATION',
      priority: 'MEDIUM',
    };
    await services.store.tasks.create(unseen);

    held = false;
    await api().post(`/tasks/${stuck.id}/fail`, { reason: 'For the test.' });
    await taskIs(stuck.id, 'failed');
    await api().post(`/tasks/${stuck.id}/retry`);

    // A person wants its pull request before its last ticket is joined.
    await api().until<TicketRow>(`/tickets/${stuck.ticket_id}`, ({ status }) => status === 'done', 60_000);
    const open = (body: object) => api().request('POST', `/specs/${spec_id}/create-pr`, body);
    expect(await open({})).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/^status: \d of \d tasks are not complete.*send {"force": true}/) },
    });
    const [first, again] = [await open({ force: true }), await open({ force: true })];
    expect(first).toMatchObject({ status: 200, body: { success: true, pr_number: 1, already_exists: false } });
    expect(again.body).toEqual({ ...(first.body as object), already_exists: true });
    const [pull] = await api().all<Answer<typeof getPullRequest>>(`/pull-requests?project_id=${project_id}`);
    const { body } = await api().get<Answer<typeof getPullRequest>>(`/pull-requests/${pull?.id}`);
    expect(body).toMatch(/## Not complete yet\n\n(?:- .*\n)*- TSK-003: /);
    expect(await api().request('POST', `/pull-requests/${pull?.id}/merge`)).toMatchObject({ status: 409 });
    opened();
    const spec = await api().until<Spec>(`/specs/${spec_id}`, (row) => row.status === 'pr_created', 60_000);
    expect(repository.show(spec.branch ?? '', 'src/later.js')).toContain('added');
    expect(repository.show(spec.branch ?? '', 'src/unseen.js')).toContain('added');
    await expect(services.store.tasks.create(unseen)).rejects.toThrow(/is done, so it takes no more tasks\. Create/);
    const pulls = await api().all<Answer<typeof getPullRequest>>(`/pull-requests?project_id=${project_id}`);
    expect(pulls).toHaveLength(1);

    const refused = await api().request('POST', '/tasks', {
      ticket_id: waiting,
      title: 'Late',
      description: 'Too late.',
    });
    expect(refused).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/is pr_created, so it takes no more tasks\. Request changes on pull/) },
    });
    const found = await api().request('POST', `/tasks/${later.id}/discoveries`, {
      type: 'bug',
      description: 'The header of the file is missing.',
      blocking: false,
    });
    expect(found.status).toBe(409);

    // The store itself refuses what the table of a spec forbids, and each move names who made it.
    await expect(services.store.specs.update(organization_id, spec_id, { status: 'executing' })).rejects.toThrow(
      'A spec that is pr_created cannot become executing; it may become completed, cancelled.',
    );
    await services.close();
    await api().post(`/pull-requests/${pulls[0]?.id}/merge`);
    const changes = { comments: 'Sort the rows.' };
    const { ticket_id } = await api().post<TaskRow>(`/pull-requests/${pulls[0]?.id}/request-changes`, changes);
    const events = await api().all<{ type: string; data: { status: string; by: string } }>(`/specs/${spec_id}/events`);
    const moves = events.filter((event) => event.type === 'spec.status_changed').map((event) => event.data);
    expect(moves.find((move) => move.status === 'completed')?.by).toMatch(/@/);
    expect(moves.find((move) => move.status === 'pr_created')?.by).toBe('platform');
    // Changes after the merge open the next pull request of the spec, which has ended and does not move.
    const { items } = await api().until<{ items: { id: string; ticket_id: string; branch: string }[] }>(
      `/pull-requests?spec_id=${spec_id}`,
      (page) => page.items.length === 2,
      60_000,
    );
    expect(items[0]).toMatchObject({ ticket_id });
    await api().post(`/pull-requests/${items[0]?.id}/merge`);
    expect(await api().get<Spec>(`/specs/${spec_id}`)).toMatchObject({ status: 'completed' });
    expect(await api().get<TicketRow>(`/tickets/${ticket_id}`)).toMatchObject({ status: 'done' });
    expect(repository.show('main', 'src/changes.js')).toContain('added');
    await played.stop();
  });
});
