import type { Item } from '#server/contracts/client.ts';
import type { listBudgets } from '#server/contracts/budgets.ts';
import type { costRecords } from '#server/contracts/costs.ts';
import type { Reply } from '#tests/support/played-model.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { newPerson } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { newTicket, taskIs, type TaskRow, type TicketRow } from '#tests/support/work.ts';

type Cost = Item<typeof costRecords>;
type Budget = Item<typeof listBudgets>;

const usage = { input_tokens: 1000, output_tokens: 1000, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
const costs = (run: string) => api().all<Cost>(`/costs/records?run_id=${run}`);

describe('money', () => {
  test('[BILL-15] [EXEC-26] each model call is recorded once, with what it cost', async () => {
    const played = await playOnShared((request): Reply => {
      const reply =
        answerValue(request) ??
        (request.context.kind === 'validation'
          ? reviewPasses(request)
          : finishTask(request, { 'src/paid.js': 'export const paid = 1;\n' }));
      return { ...reply, usage } as Reply;
    });
    const { id: project_id } = await newProject();
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Paid ${played.word}`,
      description: 'Add paid.',
      workflow_mode: 'quick',
    });
    const done = await taskIs(ticket.task_id, 'completed');
    const run = await api().get<{ turn: number; cost_usd: number; cost_micros: number }>(`/runs/${done.run_id}`);
    const records = await costs(done.run_id ?? '');
    expect(records).toHaveLength(run.turn);
    // 1,000 input tokens at $2 and 1,000 output tokens at $10 per million.
    for (const record of records)
      expect(record).toMatchObject({
        provider: 'anthropic',
        model: 'claude-sonnet-5-5',
        input_tokens: 1000,
        output_tokens: 1000,
        input_cost: 0.002,
        output_cost: 0.01,
        total_cost: 0.012,
        total_tokens: 2000,
        task_id: done.id,
        sandbox_id: done.sandbox_id,
      });
    expect(run.cost_usd).toBeCloseTo(0.012 * run.turn, 6);
    const summary = await api().get<{
      total_cost: number;
      calls: number;
      models: { model: string; cost_micros: number }[];
    }>(`/costs/summary?scope_type=run&scope_id=${done.run_id}`);
    expect(summary).toMatchObject({
      calls: run.turn,
      models: [{ model: 'claude-sonnet-5-5', cost_micros: 12_000 * run.turn }],
    });

    // A call that is recorded twice has one record.
    const services = await stackServices();
    const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
    const entry = {
      key: records[0]?.id ?? '',
      organization_id,
      project_id,
      run_id: done.run_id,
      kind: 'turn',
      provider: 'anthropic',
      model: 'claude-sonnet-5-5',
      input_tokens: 1000,
      output_tokens: 1000,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      input_micros: 2000,
      output_micros: 10_000,
      cost_micros: 12_000,
    };
    expect(await services.store.costs.record(entry)).toBe(false);
    expect(await costs(done.run_id ?? '')).toHaveLength(run.turn);
    await services.close();
    await played.stop();
  });

  test('[BILL-17] a budget warns once, refuses what would not fit, and is never passed by many at once', async () => {
    const { id: project_id } = await newProject();
    const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
    const ticket = await newTicket(project_id, 'A dollar');
    const scope = { scope_type: 'ticket', scope_id: ticket.id };
    const budget = await api().post<Budget>('/costs/budgets', { ...scope, limit_amount: 1 });
    const services = await stackServices();
    const spend = (key: string, micros: number) =>
      services.store.costs.record({
        key: `${ticket.id}:${key}`,
        organization_id,
        project_id,
        ticket_id: ticket.id,
        kind: 'turn',
        provider: 'test',
        model: 'claude-sonnet-5-5',
        input_tokens: 0,
        output_tokens: 0,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        input_micros: 0,
        output_micros: micros,
        cost_micros: micros,
      });
    await spend('a', 500_000);
    await spend('b', 300_000);
    await spend('c', 10_000);
    const check = (estimated: number) =>
      api().get<{ allowed: boolean; refused_by: Budget | null }>(
        `/costs/budgets/check?scope_type=ticket&scope_id=${ticket.id}&estimated_cost=${estimated}`,
      );
    expect(await check(0.3)).toMatchObject({ allowed: false, refused_by: { id: budget.id, spent_amount: 0.81 } });
    expect(await check(0.1)).toMatchObject({ allowed: true, refused_by: null });
    const alerts = async () =>
      (await api().all<{ type: string; data: { level: string } }>(`/events?entity_ids=${budget.id}`))
        .filter((event) => event.type.startsWith('cost.budget'))
        .map((event) => event.data.level);
    expect(await alerts()).toEqual(['warning']);

    // Fifty concurrent reservations of two cents each, with a budget of nineteen cents.
    const scopes = [{ type: 'ticket' as const, id: ticket.id }];
    const held = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        services.store.budgets.reserve({
          key: `${ticket.id}:hold:${n}`,
          organization_id,
          run_id: null,
          scopes,
          wanted: 20_000,
          least: 20_000,
        }),
      ),
    );
    expect(held.filter((result) => result.ok)).toHaveLength(9);
    expect(
      (await services.store.budgets.get(organization_id, scopes[0] ?? { type: 'ticket', id: '' })).held_micros,
    ).toBe(180_000);
    await Promise.all(held.map((_, n) => services.store.budgets.release(organization_id, `${ticket.id}:hold:${n}`)));
    await spend('d', 160_000);
    await spend('e', 100_000);
    expect(await alerts()).toEqual(['warning', 'critical', 'exceeded']);
    const [row] = (await api().get<{ items: Budget[] }>('/costs/budgets')).items.filter(
      (item) => item.id === budget.id,
    );
    expect(row).toMatchObject({
      spent_amount: 1.07,
      held_amount: 0,
      remaining_amount: 0,
      warned_at: expect.any(String),
      exceeded_at: expect.any(String),
    });
    await services.close();
  });

  test("a run that has spent its ticket's budget waits, and continues at the same turn when it is raised", async () => {
    const played = await playOnShared((request): Reply => {
      const value = answerValue(request);
      if (value) return value;
      const reply =
        request.context.kind === 'validation'
          ? reviewPasses(request)
          : request.step === 0
            ? { tools: [call('bash', { command: 'ls' })] }
            : finishTask({ ...request, step: request.step - 1 }, { 'src/more.js': 'export const more = 1;\n' });
      return { ...reply, usage: { ...usage, output_tokens: Math.min(21_000, request.body.max_tokens) } } as Reply;
    });
    const { id: project_id } = await newProject();
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Dear ${played.word}`,
      description: 'Add more.',
      workflow_mode: 'quick',
      budget_usd: 0.5,
    });
    const task = await taskIs(ticket.task_id, 'running');
    const waiting = await api().until<{ waiting_for: string; waiting_reason: string; turn: number; id: string }>(
      `/runs/${task.run_id}`,
      (run) => run.waiting_for === 'budget',
    );
    expect(waiting.waiting_reason).toMatch(/budget/i);
    const spent = (await costs(task.run_id ?? '')).reduce((sum, cost) => sum + cost.total_cost, 0);
    expect(spent).toBeLessThanOrEqual(0.5);
    // The ticket says it wherever people look.
    const shown = { needs_review: true, last_error: waiting.waiting_reason };
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject(shown);
    expect(await api().all(`/tickets?project_id=${project_id}`)).toEqual([expect.objectContaining(shown)]);
    const { columns } = await api().get<{ columns: { items: TicketRow[] }[] }>(
      `/board/tickets?project_id=${project_id}`,
    );
    expect(columns.flatMap(({ items }) => items)).toEqual([expect.objectContaining(shown)]);
    // Its slot is for work that has money.
    await api().until(`/projects/${project_id}/queue`, (queue: { active: object[] }) => queue.active.length === 0);
    const requests = played.model.requests.length;
    await api().post('/costs/budgets', { scope_type: 'ticket', scope_id: ticket.id, limit_amount: 20 });
    await taskIs(ticket.task_id, 'completed');
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({ needs_review: false, last_error: null });
    // No earlier request was repeated.
    const turns = played.model.requests
      .filter((request) => request.user_id === `run:${task.run_id}`)
      .map((request) => request.body.messages.length);
    expect(new Set(turns).size).toBe(turns.length);
    expect(played.model.requests.length).toBeGreaterThan(requests);
    await played.stop();
  });

  test('[BILL-17] [BILL-16] a budget of a phase warns once, says when it is critical, and holds the runs of the phase when it is spent', async () => {
    const played = await playOnShared((request): Reply => {
      const value = answerValue(request);
      if (value) return value;
      const reply =
        request.context.kind === 'validation'
          ? reviewPasses(request)
          : request.step < 3
            ? { tools: [call('bash', { command: `echo ${request.step}` })] }
            : finishTask({ ...request, step: request.step - 3 }, { 'src/phase.js': 'export const phase = 1;\n' });
      // 1,000 input and 11,800 output tokens cost $0.12.
      return { ...reply, usage: { ...usage, output_tokens: Math.min(11_800, request.body.max_tokens) } } as Reply;
    });
    const { api: theirs } = await newPerson();
    const { id: project_id } = await newProject(theirs);
    const scope = { scope_type: 'phase', scope_id: 'PHASE_IMPLEMENTATION' };
    expect(
      (await theirs.request('POST', '/costs/budgets', { ...scope, scope_id: 'PHASE_OF_NOBODY', limit_amount: 1 }))
        .status,
    ).toBe(400);
    const budget = await theirs.post<Budget>('/costs/budgets', { ...scope, limit_amount: 0.36 });
    const other = await theirs.post<Budget>('/costs/budgets', {
      ...scope,
      scope_id: 'PHASE_TESTING',
      limit_amount: 0.36,
    });
    const ticket = await theirs.post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Phase ${played.word}`,
      description: 'Add phase.',
      workflow_mode: 'quick',
    });
    const { run_id } = await theirs.until<TaskRow>(
      `/tasks/${ticket.task_id}`,
      (row) => row.status === 'running' && row.run_id !== null,
    );
    const waiting = await theirs.until<{ waiting_for: string | null; waiting_reason: string }>(
      `/runs/${run_id}`,
      (run) => run.waiting_for === 'budget',
    );
    expect(waiting.waiting_reason).toMatch(/^The budget of this phase is (spent|too low): /);
    const alerts = async () =>
      (await theirs.all<{ type: string; data: { level: string } }>(`/events?entity_ids=${budget.id}`))
        .filter((event) => event.type.startsWith('cost.budget'))
        .map((event) => event.data.level);
    const spent = async (id: string) =>
      (await theirs.get<{ items: Budget[] }>('/costs/budgets')).items.find((item) => item.id === id)?.spent_amount ?? 0;
    expect((await alerts()).slice(0, 2)).toEqual(['warning', 'critical']);
    const before = await spent(budget.id);
    expect(before).toBeGreaterThan(0.3);
    expect(
      (await theirs.get<{ total_cost: number }>(`/costs/summary?scope_type=phase&scope_id=PHASE_IMPLEMENTATION`))
        .total_cost,
    ).toBeCloseTo(before, 6);

    // A call that ran while the rest was spent is still charged; no event is emitted twice.
    const services = await stackServices();
    const { organization_id } = await theirs.get<{ organization_id: string }>(`/projects/${project_id}`);
    const late = {
      key: `${run_id}:late`,
      organization_id,
      project_id,
      run_id,
      phase: 'PHASE_IMPLEMENTATION',
      kind: 'task',
      provider: 'test',
      model: 'claude-sonnet-5-5',
      input_tokens: 0,
      output_tokens: 0,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      input_micros: 0,
      output_micros: 100_000,
      cost_micros: 100_000,
    };
    await services.store.costs.record(late);
    await services.close();
    expect(await spent(budget.id)).toBeCloseTo(before + 0.1, 6);
    expect(await alerts()).toEqual(['warning', 'critical', 'exceeded']);
    expect(await spent(other.id)).toBe(0);

    await theirs.post('/costs/budgets', { ...scope, limit_amount: 20 });
    await theirs.until<TaskRow>(`/tasks/${ticket.task_id}`, (row) => row.status === 'completed');
    await played.stop();
  });
});
