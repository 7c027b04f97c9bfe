import { workflowId } from '#workflows/contracts/ids.ts';
import { progressQuery } from '#workflows/contracts/progress.ts';
import { eventually } from '#tests/support/api.ts';
import { newMember } from '#tests/support/members.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, task, taskIs, works, type TicketRow } from '#tests/support/work.ts';

const transition = (id: string, to_status: string, more: object = {}, on = api()) =>
  on.request('POST', `/tickets/${id}/transition`, { to_status, ...more });
const ticket = (id: string) => api().get<TicketRow>(`/tickets/${id}`);
const history = (id: string) =>
  api().all<{ from_status: string; to_status: string; to_phase: string; reason: string | null; by: string }>(
    `/tickets/${id}/phase-history`,
  );

describe('the life of a ticket', () => {
  test('[PLAN-23] a ticket walks along its table alone; a refused move names the allowed ones and changes nothing', async () => {
    const { id: project_id } = await newProject();
    const { id, key } = await newTicket(project_id, 'To be walked');
    const skipped = await transition(id, 'done');
    expect(skipped).toMatchObject({
      status: 400,
      body: {
        message: `to_status: ${key} is backlog and cannot become done. It may become analyzing, building, cancelled.`,
        details: { allowed: ['analyzing', 'building', 'cancelled'] },
      },
    });
    const patched = await api().request('PATCH', `/tickets/${id}`, { status: 'done', title: 'Not taken' });
    expect(patched.status).toBe(400);
    expect(await ticket(id)).toMatchObject({ status: 'backlog', title: 'To be walked', phase_id: 'PHASE_BACKLOG' });
    expect((await transition(id, 'nowhere')).status).toBe(422);

    const walk = ['analyzing', 'building', 'building-done', 'testing', 'building', 'testing', 'deploying', 'done'];
    for (const to of walk) expect(await transition(id, to, { reason: `to ${to}` })).toMatchObject({ status: 200 });
    const moves = await history(id);
    expect(moves.map(({ to_status }) => to_status)).toEqual(walk);
    expect(moves[0]).toMatchObject({ from_status: 'backlog', to_phase: 'PHASE_REQUIREMENTS', reason: 'to analyzing' });
    expect(moves.at(-1)).toMatchObject({ to_phase: 'PHASE_DONE', by: expect.stringContaining('@') });
    expect(await transition(id, 'building')).toMatchObject({ status: 400, body: { details: { allowed: [] } } });
    expect(await ticket(id)).toMatchObject({ status: 'done', allowed_statuses: [] });
    expect((await transition(id, 'building', { force: true })).status).toBe(400);
  });

  test('[PLAN-23] owners and admins alone move past the table', async () => {
    const { id: project_id } = await newProject();
    const { id } = await newTicket(project_id, 'To be forced');
    const member = await newMember('member');
    expect((await transition(id, 'testing', { force: true }, member)).status).toBe(403);
    expect((await ticket(id)).status).toBe('backlog');
    expect((await transition(id, 'testing', { force: true, reason: 'Built by hand' })).status).toBe(200);
    expect(await history(id)).toMatchObject([{ from_status: 'backlog', to_status: 'testing', forced: true }]);
    const viewer = await newMember('viewer');
    expect((await transition(id, 'building', {}, viewer)).status).toBe(403);
  });

  test('[PLAN-23] what the test of a built ticket found reaches its next task', async () => {
    const prompts: string[] = [];
    const played = await playOnShared((request, word) => {
      if (request.context.kind === 'task' && request.context.title?.includes('Again')) prompts.push(request.text);
      return works({ [`First ${word}`]: { 'src/a.js': '1;\n' }, [`Again ${word}`]: { 'src/b.js': '2;\n' } })(request);
    });
    const { id: project_id } = await newProject();
    const { id } = await newTicket(project_id, `Sent back ${played.word}`);
    const first = await addTask(id, `First ${played.word}`);
    await taskIs(first.id, 'completed');
    await api().until<TicketRow>(`/tickets/${id}`, (row) => row.status === 'building-done', 60_000);
    const early = await api().request('POST', `/tickets/${id}/regress`, {});
    expect(early.status).toBe(422);
    const back = await api().post<TicketRow>(`/tickets/${id}/regress`, {
      validation_feedback: 'The sum of an empty list is not 0.',
    });
    expect(back).toMatchObject({ status: 'building', phase_id: 'PHASE_IMPLEMENTATION' });
    expect((await api().request('POST', `/tickets/${id}/regress`, { validation_feedback: 'Again' })).status).toBe(400);
    const again = await addTask(id, `Again ${played.word}`);
    await taskIs(again.id, 'completed');
    expect(prompts[0]).toContain('The sum of an empty list is not 0.');
    await api().until<TicketRow>(`/tickets/${id}`, (row) => row.status === 'building-done', 60_000);
    // Its pull request is open: it ends with that, not by hand.
    expect(await transition(id, 'testing')).toMatchObject({ status: 200 });
    expect(await transition(id, 'done')).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('is open. Merge or close it.') },
    });
    await played.stop();
  });

  test('[PLAN-24] a blocked ticket starts no task until a person unblocks it, whether it runs or not', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const { id, key } = await newTicket(project_id, `Blocked ${played.word}`);
    expect((await api().request('POST', `/tickets/${id}/unblock`, {})).status).toBe(400);
    expect((await api().request('POST', `/tickets/${id}/block`, { reason: 'x', blocker_type: 'mood' })).status).toBe(
      422,
    );
    const blocked = await api().post<TicketRow>(`/tickets/${id}/block`, {
      reason: 'Which currency?',
      blocker_type: 'waiting_on_clarification',
    });
    expect(blocked).toMatchObject({ is_blocked: true, blocked_reason: 'Which currency?', status: 'backlog' });
    const first = await addTask(id, `Runs ${played.word}`);
    const services = await stackServices();
    await eventually('its workflow says why it waits', async () => {
      const now = await services.workflows.query(workflowId.ticket(id), progressQuery).catch(() => undefined);
      return now?.step === 'blocked: Which currency?' && now.waiting_for === 'person';
    });
    await services.close();
    expect((await task(first.id)).status).toBe('pending');
    await api().post(`/tickets/${id}/unblock`, { reason: 'Euro' });
    await taskIs(first.id, 'running');
    expect(await ticket(id)).toMatchObject({ is_blocked: false, blocked_reason: null, status: 'building' });

    // While it runs: what is at work goes on, what has not started waits.
    await api().post(`/tickets/${id}/block`, { reason: 'The machine is down', blocker_type: 'environment' });
    const second = await addTask(id, `Later ${played.word}`);
    await eventually('the ticket knows the task', async () => (await ticket(id)).is_blocked);
    expect((await task(first.id)).status).toBe('running');
    expect((await task(second.id)).status).toBe('pending');
    // A move takes the block away.
    expect((await transition(id, 'building-done', { reason: 'x' })).status).toBe(200);
    await taskIs(second.id, 'running');
    const types = (await api().all<{ type: string }>(`/events?entity_ids=${id}`)).map(({ type }) => type);
    expect(types.filter((type) => /blocked$/.test(type))).toEqual([
      'ticket.blocked',
      'ticket.unblocked',
      'ticket.blocked',
      'ticket.unblocked',
    ]);
    await api().post(`/tickets/${id}/cancel`);
    await api().until<TicketRow>(`/tickets/${id}`, (row) => row.status === 'cancelled');
    expect((await api().request('POST', `/tickets/${id}/block`, { reason: 'Too late' })).status).toBe(400);
    expect(key).toMatch(/^TKT-/);
    await played.stop();
  });
});
