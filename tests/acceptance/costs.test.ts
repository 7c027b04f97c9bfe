import { randomUUID } from 'node:crypto';
import type { Services } from '#activities/ports/services.ts';
import type { Answer, Item } from '#server/contracts/client.ts';
import type { listBudgets } from '#server/contracts/budgets.ts';
import type { costSummary, forecastCost } from '#server/contracts/costs.ts';
import type { Api } from '#tests/support/api.ts';
import { newPerson, type Person } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { newProject } from '#tests/support/shared.ts';
import type { TaskRow, TicketRow } from '#tests/support/work.ts';

type Summary = Answer<typeof costSummary>;
type Forecast = Answer<typeof forecastCost>;
type Budget = Item<typeof listBudgets>;

let services: Services & { close(): Promise<void> };
let person: Person;
let stranger: Person;
let project_id = '';
beforeAll(async () => {
  services = await stackServices();
  [person, stranger] = await Promise.all([newPerson(), newPerson()]);
  project_id = (await newProject(person.api)).id;
  // What is spent is written here; no agent may spend beside it.
  await person.api.ok('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
});
afterAll(() => services.close());

const ticket = (title: string) =>
  person.api.post<TicketRow>('/tickets', {
    project_id,
    title,
    description: 'Costs money.',
    workflow_mode: 'spec_driven',
    force_create: true,
  });
const task = (ticket_id: string, title: string, more: object = {}) =>
  person.api.post<TaskRow>('/tasks', { ticket_id, title, description: title, ...more });

/** Another person with a role in the organization. */
async function join(role: string): Promise<Api> {
  const other = await newPerson({ organization: false });
  const path = `/organizations/${person.organization_id}`;
  const roles = await person.api.get<{ items: { id: string; name: string }[] }>(`${path}/roles`);
  await person.api.post(`${path}/members`, {
    user_id: other.user_id,
    role_id: roles.items.find(({ name }) => name === role)?.id,
  });
  return other.api;
}

/** A call of a model about work. */
const spend = (of: { ticket_id?: string; task_id?: string; model?: string; phase?: string }, cost_micros: number) =>
  services.store.costs.record({
    key: `test:${randomUUID()}`,
    organization_id: person.organization_id,
    project_id,
    kind: 'turn',
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    input_tokens: 10,
    output_tokens: 5,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    input_micros: 0,
    output_micros: cost_micros,
    cost_micros,
    ...of,
  });

describe('costs', () => {
  test('[BILL-16] [EXEC-26] the cost of a scope is divided by each of its parts, and only by its own organization', async () => {
    const [one, two] = [await ticket('=HYPERLINK("x")'), await ticket('Two')];
    const work = await task(one.id, 'Work');
    await spend({ ticket_id: one.id, task_id: work.id, phase: 'PHASE_IMPLEMENTATION' }, 300_000);
    await spend({ ticket_id: one.id, model: 'claude-haiku-4-5' }, 50_000);
    await spend({ ticket_id: two.id, phase: 'PHASE_TESTING' }, 100_000);
    const summary = (query: string) => person.api.get<Summary>(`/costs/summary?${query}`);
    const shares = async (by: string, scope = '') =>
      Object.fromEntries(
        (await summary(`group_by=${by}${scope}`)).groups.map(({ key, label, total_cost }) => [
          label ?? key ?? '',
          total_cost,
        ]),
      );
    expect(await summary(`scope_type=billing_account&scope_id=${person.organization_id}`)).toMatchObject({
      total_cost: 0.45,
      calls: 3,
      models: [
        { provider: 'anthropic', model: 'claude-sonnet-4-5', total_cost: 0.4, calls: 2, output_tokens: 10 },
        { model: 'claude-haiku-4-5', total_cost: 0.05 },
      ],
    });
    expect(await shares('model')).toEqual({ 'claude-sonnet-4-5': 0.4, 'claude-haiku-4-5': 0.05 });
    expect(await shares('provider')).toEqual({ anthropic: 0.45 });
    expect(Object.values(await shares('project'))).toEqual([0.45]);
    expect(await shares('ticket')).toEqual({ [`${one.key}: =HYPERLINK("x")`]: 0.35, [`${two.key}: Two`]: 0.1 });
    expect(await shares('task', `&scope_type=ticket&scope_id=${one.id}`)).toEqual({
      [`${work.key}: Work`]: 0.3,
      '': 0.05,
    });
    expect(await shares('phase')).toEqual({ PHASE_IMPLEMENTATION: 0.3, PHASE_TESTING: 0.1, '': 0.05 });
    expect(await shares('person')).toEqual({ [person.email]: 0.45 });
    expect(Object.keys(await shares('day'))).toEqual([new Date().toISOString().slice(0, 10)]);
    for (const by of ['spec', 'agent']) expect(await shares(by)).toEqual({ '': 0.45 });

    // A scope without an id is refused; another organization's id names nothing.
    const status = async (query: string, by: Person = person) =>
      (await by.api.request('GET', `/costs/summary?${query}`)).status;
    for (const type of ['project', 'spec', 'ticket', 'task', 'run', 'agent', 'phase', 'billing_account'])
      expect([type, await status(`scope_type=${type}`)]).toEqual([type, 400]);
    expect(await status(`scope_type=ticket&scope_id=${one.id}`, stranger)).toBe(404);
    expect(await status(`scope_type=billing_account&scope_id=${person.organization_id}`, stranger)).toBe(404);
    expect(await stranger.api.get('/costs/summary')).toMatchObject({ total_cost: 0, groups: [] });

    // A file has every row. What a spreadsheet would compute is text in it.
    const { body } = await person.api.request('GET', '/costs/summary/csv?group_by=ticket');
    expect(String(body).split('\r\n')).toEqual([
      'key,label,calls,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,total_cost',
      `${one.id},"${one.key}: =HYPERLINK(""x"")",2,20,10,0,0,0.35`,
      `${two.id},${two.key}: Two,1,10,5,0,0,0.1`,
      '',
    ]);
    await spend({ model: '=cmd|calc' }, 1);
    const records = String((await person.api.request('GET', '/costs/records/csv')).body)
      .trim()
      .split('\r\n');
    expect(records).toHaveLength(5);
    expect(records[1]).toContain(",anthropic,'=cmd|calc,");
  });

  test('[BILL-16] [EXEC-26] a forecast says what it is made from: the rule, then finished work of the project', async () => {
    const forecast = (body: object) => person.api.post<Forecast>('/costs/forecast', body);
    expect(await forecast({ project_id, tasks: 10, model: 'claude-sonnet-4-5' })).toMatchObject({
      low: 0.45,
      mid: 0.54,
      basis: 'assumption',
      similar: 0,
      message: expect.stringMatching(
        /^An assumption: 10 tasks of 5000 tokens\. No finished task of this kind is known/,
      ),
      refused_by: null,
    });
    expect((await forecast({ project_id, model: 'made-by-nobody' })).message).toMatch(
      / The price of made-by-nobody is unknown, so the numbers guess it: \$3 in, \$15 out per million tokens\./,
    );
    const home = await ticket('Finished');
    for (const cost of [200_000, 240_000, 300_000, 360_000, 450_000]) {
      const { id } = await task(home.id, `Cost ${cost}`, { task_type: 'write_tests' });
      for (const status of ['claiming', 'assigned', 'running', 'completed'] as const)
        await services.store.tasks.move(person.organization_id, id, status);
      await spend({ ticket_id: home.id, task_id: id }, cost);
    }
    const known = await forecast({ project_id, task_type: 'write_tests' });
    expect(known).toMatchObject({ basis: 'project', similar: 5, of: 'task', tasks: 1 });
    expect(known.message).toContain('From 5 finished tasks of this project');
    expect(known.mid).toBeCloseTo(0.3, 1);
    expect(known.low).toBeLessThan(0.24);
    expect(known.high).toBeGreaterThan(0.36);
    expect(await forecast({ task_type: 'write_tests', tasks: 3 })).toMatchObject({ basis: 'organization', similar: 5 });
    expect(await forecast({ project_id, task_type: 'fix_bug' })).toMatchObject({ basis: 'assumption' });
    expect((await stranger.api.request('POST', '/costs/forecast', { project_id })).status).toBe(404);

    // A spec at work: its cost so far, and what its budget leaves.
    const { spec_id } = await person.api.post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: 'Forecast me',
      description: 'A feature.',
      auto_execute: false,
      budget_usd: 0.05,
    });
    expect(await forecast({ spec_id })).toMatchObject({
      of: 'feature',
      spent_micros: 0,
      limit_micros: 50_000,
      remaining_micros: 50_000,
      refused_by: { scope_type: 'spec' },
    });
  });

  test('[BILL-17] [EXEC-26] a budget of a day begins again, counts wherever its work is checked, and is raised by the role it names', async () => {
    const home = await ticket('Budgeted');
    const work = await task(home.id, 'Work');
    const scope = { scope_type: 'ticket', scope_id: home.id };
    const set = (more: object) => person.api.post<Budget>('/costs/budgets', { ...scope, limit_amount: 1, ...more });
    const tomorrow = new Date();
    tomorrow.setUTCHours(24, 0, 0, 0);
    expect(await set({ period: 'day' })).toMatchObject({
      period: 'day',
      period_end: tomorrow.toISOString(),
      raise_role: 'admin',
    });
    const at = () =>
      person.api.all<Budget>('/costs/budgets').then((all) => all.find((one) => one.scope_id === home.id));
    const check = async (estimate: number) =>
      (
        await person.api.get<{ allowed: boolean }>(
          `/costs/budgets/check?scope_type=task&scope_id=${work.id}&estimated_cost=${estimate}`,
        )
      ).allowed;
    await spend({ ticket_id: home.id, task_id: work.id }, 800_000);
    expect(await at()).toMatchObject({ spent_amount: 0.8, warned_at: expect.any(String), critical_at: null });
    // The task has no budget of its own: its ticket's counts.
    expect([await check(0.3), await check(0.1)]).toEqual([false, true]);

    // The period is over: reading, reserving and charging all find it begun again, and it warns again.
    await services.store.budgets.set({
      ...{ organization_id: person.organization_id, scope: { type: 'ticket', id: home.id }, limit_micros: 1_000_000 },
      ...{ period: 'day', period_end: new Date(Date.now() - 1000) },
    });
    expect(await at()).toMatchObject({ spent_amount: 0, warned_at: null, period_end: tomorrow.toISOString() });
    expect(await check(0.9)).toBe(true);
    const reserve = (key: string, wanted: number) =>
      services.store.budgets.reserve({
        ...{ key: `${home.id}:${key}`, organization_id: person.organization_id, run_id: null },
        ...{ scopes: [{ type: 'ticket', id: home.id }], wanted, least: wanted },
      });
    expect(await reserve('a', 900_000)).toMatchObject({ ok: true });
    expect(await reserve('b', 200_000)).toMatchObject({ ok: false, short: false });
    await services.store.budgets.release(person.organization_id, `${home.id}:a`);
    await spend({ ticket_id: home.id }, 850_000);
    expect(await at()).toMatchObject({ spent_amount: 0.85, held_amount: 0, period_end: tomorrow.toISOString() });
    const warnings = (await person.api.all<{ type: string }>(`/events?entity_ids=${(await at())?.id}`)).filter(
      ({ type }) => type === 'cost.budget.warning',
    );
    expect(warnings).toHaveLength(2);

    // Who may raise it.
    const member = await join('member');
    const admin = await join('admin');
    const raise = async (by: Api, limit_amount: number) =>
      (await by.request('POST', '/costs/budgets/raise', { ...scope, limit_amount })).status;
    expect([await raise(member, 2), await raise(admin, 2)]).toEqual([403, 200]);
    await set({ limit_amount: 2, raise_role: 'owner' });
    expect([await raise(admin, 3), await raise(person.api, 3), await raise(person.api, 3)]).toEqual([403, 200, 400]);
    const refused = await admin.request<{ message: string }>('POST', '/costs/budgets', { ...scope, limit_amount: 9 });
    expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining('takes the role owner') } });
    const lower = { ...scope, limit_amount: 1, raise_role: 'member' };
    expect((await admin.request('POST', '/costs/budgets', lower)).status).toBe(403);
    await set({ limit_amount: 3, raise_role: 'member' });
    expect([await raise(member, 4), await raise(stranger.api, 5)]).toEqual([200, 404]);

    // What is spent begins no new work.
    const project = { scope_type: 'project', scope_id: project_id };
    // An end holds for the budget that was set with it.
    const ending = { ...project, limit_amount: 0.5, period_end: tomorrow.toISOString() };
    const before = await person.api.post<Budget>('/costs/budgets', ending);
    expect(before).toMatchObject({ period_end: tomorrow.toISOString() });
    // What was spent before counts.
    expect(before.spent_amount).toBeGreaterThan(1.6);
    const limit_amount = Number((before.spent_amount + 0.5).toFixed(6));
    const endless = await person.api.post('/costs/budgets', { ...project, limit_amount });
    expect(endless).toMatchObject({ period_end: null });
    await spend({}, 460_000);
    const low = await person.api.request('POST', '/specs/launch', { project_id, title: 'Low', description: 'Low.' });
    expect(low).toMatchObject({
      status: 402,
      body: {
        message: expect.stringMatching(
          new RegExp(
            `^The budget of this project is too low: \\$0\\.04 of \\$${limit_amount.toFixed(2)} is left, and the next call may cost up to \\$0\\.\\d+\\. Raise it, then`,
          ),
        ),
      },
    });
    await spend({}, 40_000);
    const launch = { project_id, title: 'More', description: 'More work.' };
    const tiny = { ...launch, budget_usd: 0.05 };
    expect(await person.api.request('POST', '/specs/launch', tiny)).toMatchObject({
      status: 422,
      body: {
        details: [{ field: 'budget_usd', message: expect.stringMatching(/^must be at least 0\.\d+ dollars, since/) }],
      },
    });
    for (const [path, body] of [
      ['/specs/launch', launch],
      ['/tickets', { ...launch, workflow_mode: 'quick' }],
    ] as const)
      expect(await person.api.request('POST', path, body)).toMatchObject({
        status: 402,
        body: {
          error: 'budget_exceeded',
          message: expect.stringContaining(`The budget of this project is spent: $${limit_amount.toFixed(2)}`),
        },
      });
  });
});
