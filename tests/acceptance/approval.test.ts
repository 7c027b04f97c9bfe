import { eventually } from '#tests/support/api.ts';
import { newMember } from '#tests/support/members.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { newTicket, taskIs, works, type TaskRow, type TicketRow } from '#tests/support/work.ts';

const reviewed = (more: object = {}) => newProject(api(), undefined, { ticket_human_review: true, ...more });
const ticket = (id: string) => api().get<TicketRow>(`/tickets/${id}`);
const tasksOf = (id: string) => api().all<TaskRow>(`/tasks?ticket_id=${id}`);
const status = (id: string) => api().get<Record<string, unknown>>(`/tickets/approval-status?ticket_id=${id}`);
const decide = (what: 'approve' | 'reject', ticket_id: string, more: object = {}, on = api()) =>
  on.request('POST', `/tickets/${what}`, { ticket_id, ...more });

describe('approval before work', () => {
  test('[PLAN-27] [API-03] nothing of a ticket runs before a member approves it, once, and then it runs in its mode', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await reviewed();
    const held = await newTicket(project_id, `Held ${played.word}`, { workflow_mode: 'quick' });
    expect(held).toMatchObject({ status: 'pending_review', approval_status: 'pending_review', task_id: null });
    expect(await tasksOf(held.id)).toEqual([]);
    expect(await api().get(`/tickets/pending-review-count?project_id=${project_id}`)).toEqual({ pending_count: 1 });
    expect(await status(held.id)).toMatchObject({ approval_status: 'pending_review', decided_by: null });
    const early = await api().request('POST', '/tasks', {
      ticket_id: held.id,
      title: 'Early',
      description: 'Too early.',
    });
    expect(early).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('waits for its approval') },
    });
    for (const to_status of ['backlog', 'building'])
      expect((await api().request('POST', `/tickets/${held.id}/transition`, { to_status, force: true })).status).toBe(
        400,
      );
    const { items } = await api().get<{ items: { id: string; title: string; actions: string[] }[] }>('/inbox');
    expect(items.find(({ id }) => id === `approval:${held.id}`)?.actions).toEqual(['approve', 'reject']);

    const viewer = await newMember('viewer');
    expect((await decide('approve', held.id, {}, viewer)).status).toBe(403);
    expect((await ticket(held.id)).status).toBe('pending_review');

    const both = await Promise.all([decide('approve', held.id), decide('approve', held.id)]);
    expect(both.some((answer) => answer.status === 200)).toBe(true);
    await eventually('it has its task', async () => (await tasksOf(held.id)).length === 1);
    const [first] = await tasksOf(held.id);
    await taskIs(first?.id ?? '', 'running');
    expect(await decide('approve', held.id)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('does not wait for approval: it is approved') },
    });
    expect((await decide('reject', held.id, { rejection_reason: 'Late' })).status).toBe(400);
    expect(await tasksOf(held.id)).toHaveLength(1);

    const planned = await newTicket(project_id, `Planned ${played.word}`);
    await api().post(`/inbox/approval:${planned.id}/answer`, { action: 'approve' });
    expect(await ticket(planned.id)).toMatchObject({ status: 'backlog', approval_status: 'approved' });
    expect(await tasksOf(planned.id)).toEqual([]);
    await api().post(`/tickets/${held.id}/cancel`);
    await played.stop();
  });

  test('[PLAN-27] a rejected ticket is archived with its reason, or deleted where the project says so', async () => {
    const { id: project_id } = await reviewed();
    const kept = await newTicket(project_id, 'Not wanted');
    expect((await decide('reject', kept.id)).status).toBe(422);
    expect(await decide('reject', kept.id, { rejection_reason: 'We have it.' })).toMatchObject({
      status: 200,
      body: { approval_status: 'rejected', deleted: false },
    });
    expect(await ticket(kept.id)).toMatchObject({
      status: 'cancelled',
      approval_status: 'rejected',
      rejection_reason: 'We have it.',
    });
    const { id: tidy } = await reviewed({ on_reject: 'delete' });
    const gone = await newTicket(tidy, 'Not wanted at all');
    expect(await decide('reject', gone.id, { rejection_reason: 'No.' })).toMatchObject({ body: { deleted: true } });
    expect((await api().request('GET', `/tickets/${gone.id}`)).status).toBe(404);
    const events = await api().all<{ type: string; data: object }>(`/events?entity_ids=${kept.id},${gone.id}`);
    expect(events.filter(({ type }) => type === 'ticket.rejected').map(({ data }) => data)).toMatchObject([
      { title: 'Not wanted', reason: 'We have it.', by: expect.stringContaining('@') },
      { title: 'Not wanted at all', deleted: true },
    ]);
    const bad = await api().request('PATCH', `/projects/${tidy}`, { settings: { approval_timeout_seconds: 59 } });
    expect(bad.status).toBe(422);
  });

  test('[PLAN-27] a ticket that nobody approves in time is timed out, and never runs', async () => {
    const { id: project_id } = await reviewed();
    const services = await stackServices();
    const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
    const project = await services.store.projects.get(organization_id, project_id);
    await services.store.projects.update(organization_id, project_id, {
      settings: { ...project.settings, approval_timeout_seconds: 1 },
    });
    await services.close();
    const late = await newTicket(project_id, 'Too late', { workflow_mode: 'quick' });
    await api().until<TicketRow>(`/tickets/${late.id}`, (row) => row.approval_status === 'timed_out');
    expect(await ticket(late.id)).toMatchObject({ status: 'cancelled', last_error: 'Nobody approved it in time.' });
    expect(await tasksOf(late.id)).toEqual([]);
    expect((await decide('approve', late.id)).status).toBe(400);
  });
});
