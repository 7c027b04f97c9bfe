import { newMember } from '#tests/support/members.ts';
import { api, newProject } from '#tests/support/shared.ts';
import { newTicket, type TicketRow } from '#tests/support/work.ts';

interface Column {
  id: string;
  total: number;
  wip_limit: number | null;
  over_limit: boolean;
  items: TicketRow[];
}
const move = (ticket_id: string, target_column_id: string, more: object = {}, on = api()) =>
  on.request('POST', '/board/move', { ticket_id, target_column_id, ...more });
const view = (project_id: string, more = '') =>
  api().get<{ total: number; columns: Column[] }>(`/board/view?project_id=${project_id}${more}`);
const column = async (project_id: string, id: string) =>
  (await view(project_id)).columns.find((one) => one.id === id) as Column;

describe('the board', () => {
  test('[PLAN-28] a sixth ticket does not go into analyzing, and two movers never share the last place', async () => {
    const { id: project_id } = await newProject();
    const tickets = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => newTicket(project_id, `Ticket number ${n}`)));
    const ids = tickets.map(({ id }) => id);
    expect(await view(project_id)).toMatchObject({ total: 7 });
    expect((await column(project_id, 'analyzing')).wip_limit).toBe(5);
    for (const id of ids.slice(0, 4)) expect((await move(id, 'analyzing')).status).toBe(200);
    const answers = await Promise.all(ids.slice(4).map((id) => move(id, 'analyzing')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    const refused = answers.find(({ status }) => status === 400);
    expect(refused?.body).toMatchObject({
      message: expect.stringMatching(/^target_column_id: Analysing is full with 5 of 5 tickets\. .* raise its limit/),
      details: { count: 5, limit: 5 },
    });
    // Neither a transition nor a change of the ticket goes round the limit.
    const left = tickets[answers.findIndex(({ status }) => status === 400) + 4] as TicketRow;
    const round = await api().request('POST', `/tickets/${left.id}/transition`, { to_status: 'analyzing' });
    expect(round.status).toBe(400);
    expect((await api().request('PATCH', `/tickets/${left.id}`, { status: 'analyzing' })).status).toBe(400);
    expect((await column(project_id, 'analyzing')).total).toBe(5);

    const member = await newMember('member');
    expect((await move(left.id, 'analyzing', { force: true }, member)).status).toBe(403);
    expect((await move(left.id, 'analyzing', { force: true })).status).toBe(200);
    const { violations } = await api().get<{ violations: object[] }>(`/board/wip-violations?project_id=${project_id}`);
    expect(violations).toMatchObject([{ id: 'analyzing', total: 6, wip_limit: 5, excess: 1 }]);

    await member.ok('PATCH', `/projects/${project_id}`, { settings: { wip_limits: { analyzing: 7, building: null } } });
    expect(await column(project_id, 'analyzing')).toMatchObject({ wip_limit: 7, over_limit: false });
    expect((await column(project_id, 'building')).wip_limit).toBeNull();
    expect((await column(project_id, 'testing')).wip_limit).toBe(8);
    const bad = await api().request('PATCH', `/projects/${project_id}`, { settings: { wip_limits: { done: 3 } } });
    expect(bad.status).toBe(422);
  });

  test('[PLAN-28] a move that the transitions do not allow is refused, and the board is read by column and filter', async () => {
    const { id: project_id } = await newProject();
    const { id, key } = await newTicket(project_id, 'An urgent ticket', { priority: 'CRITICAL' });
    await newTicket(project_id, 'A ticket that waits for an answer');
    expect(await move(id, 'done')).toMatchObject({
      status: 400,
      body: { details: { allowed: ['analyzing', 'building', 'cancelled'] } },
    });
    expect((await move(id, 'nowhere')).status).toBe(422);
    expect(await move(id, 'backlog')).toMatchObject({ status: 200, body: { status: 'backlog' } });
    expect(await move(id, 'building')).toMatchObject({ status: 200, body: { phase_id: 'PHASE_IMPLEMENTATION' } });
    const shown = await api().all<TicketRow>(`/board/column/PHASE_IMPLEMENTATION?project_id=${project_id}`);
    expect(shown.map((one) => one.key)).toEqual([key]);
    expect(await api().all(`/board/column/building?project_id=${project_id}`)).toHaveLength(1);
    expect((await api().request('GET', `/board/column/nowhere?project_id=${project_id}`)).status).toBe(404);
    await api().post(`/tickets/${id}/block`, { reason: 'Waits' });
    expect((await view(project_id, '&blocked=true')).total).toBe(1);
    expect((await view(project_id, '&priority=MEDIUM,LOW')).total).toBe(1);
    expect(await api().get(`/board/stats?project_id=${project_id}`)).toMatchObject({
      total: 2,
      blocked: 1,
      columns: expect.arrayContaining([expect.objectContaining({ id: 'building', total: 1, wip_limit: 10 })]),
    });
    const still = await api().post<{ moved: boolean; reason: string }>(`/board/auto-transition/${id}`);
    expect(still).toMatchObject({ moved: false, reason: 'None of its tasks is completed.' });
    const moved = await api().all<{ type: string; data: object }>(`/events?entity_ids=${id}&types=board.ticket_moved`);
    expect(moved.map(({ data }) => data)).toMatchObject([{ from_column: 'backlog', to_column: 'building' }]);
  });
});
