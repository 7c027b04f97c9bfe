import { execFileSync } from 'node:child_process';
import type { Answer, Item } from '#server/contracts/client.ts';
import type * as contracts from '#server/contracts/billing.ts';
import type { listEvents } from '#server/contracts/events.ts';
import { openDatabaseClient } from '#prisma/client.ts';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';
import { eventually } from '#tests/support/api.ts';
import { newPerson } from '#tests/support/people.ts';
import { PlayedModel, type Played, type Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { TestStack } from '#tests/support/stack.ts';

type Account = Answer<typeof contracts.billingAccount>;
type Entry = Item<typeof contracts.billingLedger>;
type Usage = Item<typeof contracts.billingUsage>;
type Summary = Answer<typeof contracts.usageSummary>;
type Config = Answer<typeof contracts.billingConfig>;

let script: (request: Played) => Reply = () => ({ hang: true });
let model: PlayedModel;
let stack: TestStack;

beforeAll(async () => {
  model = await new PlayedModel((request) => script(request)).start();
  stack = await TestStack.start({
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'test-key-of-nobody',
    OMOIOS_BILLING_ENFORCE: 'true',
    OMOIOS_OUTBOUND_ALLOW: 'localhost',
  });
}, 240_000);
afterAll(async () => {
  await stack.stop();
  await model.stop();
});

/** A person with an organization on the free plan, and a project in it. */
async function customer() {
  const { api, organization_id, slug } = await newPerson({ url: stack.address.url });
  const project = await api.post<{ id: string }>('/projects', {
    name: 'small',
    repository: { path: new TestRepository().path },
  });
  const of = `/billing/account/${organization_id}`;
  return {
    api,
    slug,
    organization_id,
    project_id: project.id,
    account: () => api.get<Account>(of),
    ledger: () => api.all<Entry>(`${of}/ledger`),
    usage: () => api.all<Usage>(`${of}/usage`),
    summary: () => api.get<Summary>(`${of}/usage-summary`),
    /** Gives the organization a plan, as if it were paid. */
    choose: async (plan: string) => {
      const url = embeddedDatabaseUrl(stack.address.dataDir);
      const database = openDatabaseClient({ url, pool: 1, pool_timeout: 10, command_timeout: 10 });
      await database.prisma.organization.update({ where: { id: organization_id }, data: { plan } });
      await database.close();
    },
    ticket: (title: string, key?: string) =>
      api.request<{ id: string; message: string; details: { reason: string; billing_page: string } }>(
        'POST',
        '/tickets',
        { project_id: project.id, title, description: 'Works.', workflow_mode: 'quick', force_create: true },
        key ? { 'idempotency-key': key } : {},
      ),
  };
}
type Customer = Awaited<ReturnType<typeof customer>>;

/** The ledger adds up to the balance. */
async function addsUp({ account, ledger }: Customer) {
  const [now, entries] = [await account(), await ledger()];
  const sum = (field: 'credit' | 'free_workflows' | 'used_workflows') =>
    entries.reduce((total, entry) => total + entry[field], 0);
  expect([sum('credit'), sum('free_workflows'), sum('used_workflows')]).toEqual([
    now.credit_balance,
    now.free_workflows_remaining,
    now.workflows_used,
  ]);
}

describe('money', () => {
  test('[BILL-01] the page, the gate and the slots read one table of plans; the own organization of a machine has no limit', async () => {
    const { api, organization_id } = await customer();
    const { plans, ...config } = await api.as(undefined).get<Config>('/billing/config');
    expect(config).toEqual({ is_configured: false, is_enforced: true, workflow_price: 1000 });
    expect(
      plans.map((plan) => [plan.tier, plan.price_cents, plan.workflows_per_month, plan.agents, plan.storage_gb]),
    ).toEqual([
      ['free', 0, 5, 1, 2],
      ['pro', 5000, 100, 5, 50],
      ['team', 15_000, 500, 10, 500],
      ['lifetime', 29_900, 50, 5, 50],
      ['byo', 1900, null, 5, 50],
      ['enterprise', null, null, null, null],
      ['local', 0, null, null, null],
    ]);
    expect(await api.get<Summary>(`/billing/account/${organization_id}/usage-summary`)).toMatchObject({
      subscription_tier: 'free',
      workflows_limit: 5,
      free_workflows_remaining: 5,
      can_execute: true,
      reason: 'free_tier',
    });
    const local = await stack.api.get<{ items: { id: string }[] }>('/organizations');
    expect(await stack.api.get(`/billing/account/${local.items[0]?.id}/usage-summary`)).toMatchObject({
      subscription_tier: 'local',
      workflows_limit: null,
      can_execute: true,
      reason: 'unlimited',
    });
  });

  test('[BILL-02] an organization has an account from its beginning, which only its owners and admins see', async () => {
    const theirs = await customer();
    expect(await theirs.account()).toMatchObject({
      organization_id: theirs.organization_id,
      status: 'pending',
      tier: 'free',
      credit_balance: 0,
      free_workflows_remaining: 5,
      workflows_used: 0,
      is_configured: false,
    });
    expect((await theirs.ledger()).map((entry) => [entry.kind, entry.free_workflows])).toEqual([['opening', 5]]);
    const other = await customer();
    const path = `/billing/account/${theirs.organization_id}`;
    expect(await other.api.request('GET', path)).toMatchObject({ status: 404 });
    expect(await stack.api.as(undefined).request('GET', path)).toMatchObject({ status: 401 });
  });

  test('[BILL-03] [BILL-19] of fifty parallel launches on one free workflow one starts; what made no turn is given back', async () => {
    script = () => ({ hang: true });
    const theirs = await customer();
    for (const title of ['One', 'Two', 'Three']) expect((await theirs.ticket(title)).status).toBe(201);
    // The same request twice is one ticket, paid once.
    const [fourth, again] = [await theirs.ticket('Four', 'four'), await theirs.ticket('Four', 'four')];
    expect(again.body.id).toBe(fourth.body.id);
    expect(await theirs.account()).toMatchObject({ free_workflows_remaining: 1, workflows_used: 4 });

    const many = await Promise.all(Array.from({ length: 50 }, (_, n) => theirs.ticket(`Parallel ${n}`)));
    const [started, ...rest] = [...many].sort((a, b) => a.status - b.status);
    expect(started?.status).toBe(201);
    for (const refused of rest)
      expect(refused).toMatchObject({
        status: 402,
        body: {
          error: 'payment_required',
          details: { reason: 'free_limit', billing_page: `/organizations/${theirs.organization_id}/billing` },
        },
      });
    expect(rest[0]?.body.message).toMatch(
      /^Monthly workflow limit \(5\) reached on the plan Free\. Work can start again on \d{4}-\d\d-01, or once there is credit/,
    );
    expect(await theirs.api.all(`/tickets?project_id=${theirs.project_id}`)).toHaveLength(5);
    expect(await theirs.summary()).toMatchObject({ can_execute: false, reason: 'free_limit', workflows_used: 5 });
    const events = await theirs.api.all<Item<typeof listEvents>>('/events?types=billing.workflow_blocked');
    expect(events).toHaveLength(49);
    await addsUp(theirs);

    // A spec passes the same gate, at its launch and at its later start.
    const spec = { project_id: theirs.project_id, title: 'Feature', description: 'A feature.' };
    const launch = (auto_execute: boolean) =>
      theirs.api.request<{ spec_id: string }>('POST', '/specs/launch', { ...spec, auto_execute });
    expect((await launch(true)).status).toBe(402);
    const draft = await launch(false);
    expect(draft.status).toBe(201);
    const execute = () => theirs.api.request('POST', `/specs/${draft.body.spec_id}/execute`);
    expect((await execute()).status).toBe(402);

    // A ticket on which no work starts costs nothing; its first task does.
    const planned = await theirs.api.post<{ id: string }>('/tickets', {
      project_id: theirs.project_id,
      title: 'Planned',
      description: 'By tasks.',
      workflow_mode: 'spec_driven',
      force_create: true,
    });
    const task = (title: string) =>
      theirs.api.request('POST', '/tasks', { ticket_id: planned.id, title, description: 'Works.' });
    expect(await task('Refused')).toMatchObject({ status: 402, body: { details: { reason: 'free_limit' } } });
    expect(await theirs.api.all(`/tasks?ticket_id=${planned.id}`)).toMatchObject([{ status: 'cancelled' }]);
    const paid = () =>
      JSON.parse(
        execFileSync(
          process.execPath,
          ['scripts/cli/omoios.js', 'admin', 'add-credit', theirs.slug, '10', 'invoice 7', '--json'],
          { encoding: 'utf8', env: stack.address.env },
        ),
      ) as object;
    const credit = { organization_id: theirs.organization_id, credit_cents: 1000 };
    expect([paid(), paid()]).toEqual([credit, credit]);
    expect((await task('Paid')).status).toBe(201);
    expect((await task('With it')).status).toBe(201);
    expect(await theirs.account()).toMatchObject({ credit_balance: 0, workflows_used: 6 });
    await theirs.api.post(`/tickets/${planned.id}/cancel`);
    await eventually('the credit is given back', async () => (await theirs.account()).credit_balance === 1000);

    await theirs.api.post(`/tickets/${fourth.body.id}/cancel`);
    await eventually('the workflow is given back', async () => (await theirs.account()).free_workflows_remaining === 1);
    expect((await execute()).status).toBeLessThan(300);
    expect((await execute()).status).toBeLessThan(300);
    expect(await theirs.account()).toMatchObject({ free_workflows_remaining: 0, workflows_used: 5 });
    expect(await theirs.usage()).toEqual([]);
    await addsUp(theirs);
    await theirs.api.post(`/specs/${draft.body.spec_id}/cancel`);
    for (const ticket of await theirs.api.all<{ id: string; status: string }>(
      `/tickets?project_id=${theirs.project_id}`,
    ))
      if (ticket.status !== 'cancelled') await theirs.api.post(`/tickets/${ticket.id}/cancel`);
  });

  test('[BILL-04] work that has ended is in the usage once, with the price of its reservation', async () => {
    script = (request) =>
      answerValue(request) ??
      (request.context.kind === 'validation'
        ? reviewPasses(request)
        : finishTask(request, { 'src/paid.js': 'export const paid = 1;\n' }));
    const theirs = await customer();
    const { id } = (await theirs.ticket('Paid work')).body;
    await eventually('it is charged', async () => (await theirs.usage()).length === 1);
    const [pull] = await theirs.api.all<{ id: string }>('/pull-requests');
    await theirs.api.post(`/pull-requests/${pull?.id}/merge`);
    await theirs.api.until<{ status: string }>(`/tickets/${id}`, (ticket) => ticket.status === 'done');
    expect(await theirs.usage()).toEqual([
      expect.objectContaining({
        workflow_id: `ticket:${id}`,
        usage_type: 'workflow_completion',
        quantity: 1,
        unit_price: 0,
        total_price: 0,
        source: 'free_tier',
        free_tier_used: true,
        billed: true,
      }),
    ]);
    expect(await theirs.account()).toMatchObject({ free_workflows_remaining: 4, workflows_used: 1 });
    await addsUp(theirs);
  });

  test('[BILL-18] three tasks on the free plan, which has one agent, are worked on one at a time', async () => {
    script = (request) => answerValue(request) ?? { hang: true };
    const theirs = await customer();
    const left = new Set<string>();
    for (const title of ['One', 'Two', 'Three']) left.add((await theirs.ticket(title)).body.id);
    while (left.size > 0) {
      const { active } = await theirs.api.until<{ active: { ticket_id: string }[]; held_back: number }>(
        `/projects/${theirs.project_id}/queue`,
        ({ active: now, held_back: waiting }) =>
          now.length === 1 && left.has(now[0]?.ticket_id ?? '') && waiting === left.size - 1,
      );
      const [{ ticket_id } = { ticket_id: '' }] = active;
      await theirs.api.post(`/tickets/${ticket_id}/cancel`);
      left.delete(ticket_id);
    }
  });

  test('[CONF-04] the free plan takes no own model key; a plan that loses them falls back to the key of the platform and says so on the run', async () => {
    let held = true;
    script = (request) => answerValue(request) ?? (held ? { hang: true } : finishTask(request, { 'a.js': '1;\n' }));
    const theirs = await customer();
    const path = `/organizations/${theirs.organization_id}/credentials`;
    const key = { provider: 'anthropic', name: 'Work', api_key: 'key-that-is-not-used' };
    expect(await theirs.api.request('POST', path, key)).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/^The plan Free has no own model keys\. .*: Pro, Team, Own keys\.$/) },
    });
    await theirs.choose('pro');
    await theirs.api.post(path, key);
    await theirs.choose('free');
    expect(await theirs.api.get(path)).toMatchObject({ allowed: false, items: [{ name: 'Work' }] });
    const { id } = (await theirs.ticket('On the key of the platform')).body;
    const [run] = (
      await theirs.api.until<{ items: { id: string }[] }>(`/runs?ticket_id=${id}`, ({ items }) => items.length > 0)
    ).items;
    expect(await theirs.api.get(`/runs/${run?.id}`)).toMatchObject({
      model_key: null,
      model_key_unused:
        "The plan Free has no own keys, so the key “Work” of the organization is not used, and the platform's is.",
    });
    await eventually('the platform is asked', () => model.requests.some(({ user_id }) => user_id === `run:${run?.id}`));
    held = false;
    expect(model.keys.has('key-that-is-not-used')).toBe(false);
    await theirs.api.post(`/tickets/${id}/cancel`);
  });

  test('[CONF-04] [BILL-07] the plan Own keys works with own keys alone: without one nothing starts, and a run waits for one', async () => {
    let held = true;
    const own = await new PlayedModel((request) => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.kind === 'validation') return reviewPasses(request);
      return held
        ? { tools: [call('bash', { command: `echo ${request.step}` })], delay_ms: 100 }
        : finishTask({ ...request, step: 0 }, { 'a.js': '1;\n' });
    }).start();
    const theirs = await customer();
    await theirs.choose('byo');
    const needed = expect.stringMatching(
      /^The plan Own keys works with model keys .* none is there for anthropic\. Add/,
    );
    expect(await theirs.ticket('Without')).toMatchObject({ status: 400, body: { message: needed } });
    const path = `/organizations/${theirs.organization_id}/credentials`;
    const base_url = own.url.replace('127.0.0.1', 'localhost');
    const add = () =>
      theirs.api.post<{ id: string }>(path, {
        provider: 'anthropic',
        name: 'Work',
        api_key: 'key-of-theirs',
        base_url,
      });
    const { id: key_id } = await add();
    const { id } = (await theirs.ticket('With a key')).body;
    type Run = { id: string; waiting_reason: string };
    const run = async (status: string) => {
      const place = `/runs?ticket_id=${id}&status=${status}`;
      return (await theirs.api.until<{ items: Run[] }>(place, ({ items }) => items.length > 0)).items[0];
    };
    const began = await run('running');
    await theirs.api.ok('DELETE', `${path}/${key_id}`);
    expect(await run('paused')).toMatchObject({ waiting_reason: needed });
    await add();
    held = false;
    await theirs.api.post(`/runs/${began?.id}/resume`, {});
    await run('running');
    await theirs.api.post(`/tickets/${id}/cancel`);
    expect(model.requests.some(({ user_id }) => user_id === `run:${began?.id}`)).toBe(false);
    expect([...own.keys]).toEqual(['key-of-theirs']);
    await own.stop();
  });
});
