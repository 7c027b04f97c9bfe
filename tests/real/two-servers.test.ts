import { randomBytes, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { eventually, type Api } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import { mailedToken } from '#tests/support/mailbox.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { account, atOnce, peopleOf, roles, statuses, word, type Person, type Tokens } from './pair-people.ts';
import { onBoth, startServerPair, type ServerPair } from './server-pair.ts';
import { query } from './services.ts';

jest.setTimeout(300_000);

let pair: ServerPair;
beforeAll(async () => {
  pair = await startServerPair();
});
afterAll(() => pair?.stop());

const { signIn, person, join } = peopleOf(() => pair);
const balance = async ({ apis, of }: Person) => (await apis[1].get<{ credit_balance: number }>(of)).credit_balance;

describe('identity on two servers', () => {
  test('[AUTH-05] a page that renews its sign-in at both keeps it; a stolen refresh token ends it at both', async () => {
    const { email } = await person();
    const { refresh_token } = await signIn(email);
    const open = async (url: string, refresh: string) => {
      const page = await fetch(`${url}/`, {
        redirect: 'manual',
        headers: { cookie: `omoios_refresh_token=${refresh}` },
      });
      const cookie = (name: string) =>
        page.headers
          .getSetCookie()
          .find((line) => line.startsWith(`${name}=`))
          ?.split(/[=;]/)[1] ?? '';
      return { access: cookie('omoios_access_token'), refresh: cookie('omoios_refresh_token') };
    };
    const renewed = await Promise.all(
      Array.from({ length: 8 }, (_, at) => open(pair.urls[at % 2] as string, refresh_token)),
    );
    for (const [at, { access }] of renewed.entries())
      expect((await onBoth(pair, access)[(at + 1) % 2]?.request('GET', '/auth/me'))?.status).toBe(200);
    const again = await open(pair.urls[1], renewed[0]?.refresh ?? '');
    expect((await onBoth(pair, again.access)[0].request('GET', '/auth/me')).status).toBe(200);

    expect((await onBoth(pair)[1].request('POST', '/auth/refresh', { refresh_token })).status).toBe(401);
    for (const api of onBoth(pair, again.access)) expect((await api.request('GET', '/auth/me')).status).toBe(401);
    expect((await onBoth(pair)[0].request('POST', '/auth/refresh', { refresh_token: again.refresh })).status).toBe(401);
  });

  test('[AUTH-05] a refresh token that is used at both at once gives at most one pair, and ends every sign-in', async () => {
    const { email } = await person({ organization: false });
    const { refresh_token } = await signIn(email);
    const answers = await atOnce(onBoth(pair), 8, (api) =>
      api.request<Tokens>('POST', '/auth/refresh', { refresh_token }),
    );
    const given = answers.filter(({ status }) => status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const { body } of given)
      for (const api of onBoth(pair, body.access_token))
        expect((await api.request('GET', '/auth/me')).status).toBe(401);
  });

  test('[AUTH-14] a sign-in that is ended at one is refused at the other at once, and its live feed ends', async () => {
    const { email, apis } = await person();
    const stolen = await signIn(email, 1);
    const feed = await LiveFeed.open(pair.urls[1], stolen.access_token);
    expect(await feed.say('{"type":"subscribe"}')).toMatchObject({ status: 'subscribed' });
    const { items } = await apis[0].get<{ items: { id: string; current: boolean }[] }>('/auth/sessions');
    const other = items.find(({ current }) => !current);
    expect((await apis[0].request('DELETE', `/auth/sessions/${other?.id}`)).status).toBe(204);
    expect((await onBoth(pair, stolen.access_token)[1].request('GET', '/auth/me')).status).toBe(401);
    await eventually('the feed ends', () => feed.closed === 4401, 5000);
    expect((await apis[1].request('GET', '/auth/me')).status).toBe(200);

    const { key } = await apis[0].post<{ key: string }>('/auth/api-keys', { name: 'k', scopes: ['org:read'] });
    const [{ id } = { id: '' }] = (await apis[1].get<{ items: { id: string }[] }>('/auth/api-keys')).items;
    expect((await onBoth(pair, key)[1].request('GET', '/organizations')).status).toBe(200);
    expect((await apis[0].request('DELETE', `/auth/api-keys/${id}`)).status).toBe(204);
    expect((await onBoth(pair, key)[1].request('GET', '/organizations')).status).toBe(401);
  });

  test('[AUTH-04] an account that is deactivated at one is refused at the other at once, and its live feed ends', async () => {
    const [{ apis, email, user_id }, admin] = [await person(), await person({ organization: false })];
    await query(pair.databaseUrl, 'UPDATE users SET is_super_admin = true WHERE id = $1', [admin.user_id]);
    const feed = await LiveFeed.open(pair.urls[1], (await signIn(email)).access_token);
    await feed.say('{"type":"subscribe"}');
    await admin.apis[0].post(`/admin/users/${user_id}/deactivate`);
    expect(await apis[1].request('GET', '/projects')).toMatchObject({ body: { error: 'account_inactive' } });
    await eventually('the feed ends', () => feed.closed === 4401, 5000);
  });

  test('[AUTH-15] [AUTH-03] limits of an address and the lock of an account count the requests of both', async () => {
    const from = { 'x-forwarded-for': `203.0.113.${1 + ((randomBytes(1)[0] ?? 0) % 250)}` };
    const { email } = await person({ organization: false });
    const forgot = await atOnce(onBoth(pair), 12, (api) =>
      api.request('POST', '/auth/forgot-password', { email }, from),
    );
    expect(statuses(forgot).filter((status) => status !== 429)).toHaveLength(3);
    expect(Number(forgot.find(({ status }) => status === 429)?.headers.get('retry-after'))).toBeGreaterThan(3000);

    const wrong = { email, password: 'Wrong-horse-7' };
    expect(statuses(await atOnce(onBoth(pair), 5, (api) => api.request('POST', '/auth/login', wrong)))).toEqual(
      Array(5).fill(401),
    );
    for (const api of onBoth(pair)) expect((await api.request('POST', '/auth/login', account(email))).status).toBe(429);
  });

  test('[AUTH-01] [ORG-01] one address, slug, role and membership that are taken at both at once are given once', async () => {
    const email = `${word()}@example.test`;
    const taken = await atOnce(onBoth(pair), 4, (api, at) =>
      api.request('POST', '/auth/register', account(at % 2 ? email : email.toUpperCase())),
    );
    expect(statuses(taken)).toEqual([201, 400, 400, 400]);
    const { apis, at } = await person();
    const slug = word();
    const made = await atOnce(apis, 4, (api) => api.request('POST', '/organizations', { name: 'Mine', slug }));
    expect(statuses(made)).toEqual([201, 400, 400, 400]);
    const role = { name: 'writer', permissions: ['ticket:write'] };
    expect(statuses(await atOnce(apis, 4, (api) => api.request('POST', `${at}/roles`, role)))).toEqual([
      201, 409, 409, 409,
    ]);
    const guest = await person({ organization: false });
    const member = { user_id: guest.user_id, role_id: (await roles({ apis, at })).viewer };
    expect(statuses(await atOnce(apis, 4, (api) => api.request('POST', `${at}/members`, member)))).toEqual([
      201, 409, 409, 409,
    ]);
  });

  test('[ORG-05] an invitation that is accepted at both at once makes one member', async () => {
    const owner = await person();
    const guest = await person({ organization: false });
    const invitation = { email: guest.email, role_id: (await roles(owner)).member };
    await owner.apis[0].post(`${owner.at}/invitations`, invitation);
    const token = await mailedToken(pair.services, guest.email, /^Join/);
    const answers = await atOnce(guest.apis, 6, (api) => api.request('POST', '/invitations/accept', { token }));
    expect(statuses(answers)).toEqual([200, 400, 400, 400, 400, 400]);
    const { items } = await owner.apis[1].get<{ items: object[] }>(`${owner.at}/members`);
    expect(items).toHaveLength(2);
  });

  test('[ORG-02] who is demoted at one may no more at the other; of two owners who demote each other one stays', async () => {
    const owner = await person();
    const member = await join(owner, 'admin');
    const { viewer } = await roles(owner);
    expect((await member.apis[1].request('PATCH', owner.at, { name: 'Ours' })).status).toBe(200);
    await owner.apis[0].request('PATCH', `${owner.at}/members/${member.member_id}`, { role_id: viewer });
    expect((await member.apis[1].request('PATCH', owner.at, { name: 'Mine' })).status).toBe(403);

    const second = await join(owner, 'owner');
    const { items } = await owner.apis[0].get<{ items: { id: string; user_id: string }[] }>(`${owner.at}/members`);
    const first = items.find(({ user_id }) => user_id === owner.user_id);
    const answers = await Promise.all([
      owner.apis[0].request('PATCH', `${owner.at}/members/${second.member_id}`, { role_id: viewer }),
      second.apis[1].request('PATCH', `${owner.at}/members/${first?.id}`, { role_id: viewer }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const stays = answers[0]?.status === 200 ? owner : second;
    const left = await stays.apis[0].get<{ items: { role: string }[] }>(`${owner.at}/members`);
    expect(left.items.filter(({ role }) => role === 'owner')).toHaveLength(1);
  });
});

describe('money on two servers', () => {
  /** Uses what a free account has. */
  const spendFree = ({ id: organization_id }: Person) =>
    Promise.all(
      Array.from({ length: 5 }, () =>
        pair.services.store.billing.reserve({ organization_id, project_id: null, spec_id: randomUUID() }),
      ),
    );

  test('[BILL-03] of 50 launches at both on one credit, one starts; one request that is sent to both starts one', async () => {
    const theirs = await person();
    const repository = { path: new TestRepository().path };
    const project = await theirs.apis[0].post<{ id: string }>('/projects', { name: 'small', repository });
    await spendFree(theirs);
    await pair.services.store.billing.addCredit(theirs.id, 1000, 'first');
    const launch = (api: Api, title: string, key?: string) =>
      api.request<{ id: string }>(
        'POST',
        '/tickets',
        { project_id: project.id, title, description: 'Works.', workflow_mode: 'quick', force_create: true },
        key ? { 'idempotency-key': key } : {},
      );
    const many = await atOnce(theirs.apis, 50, (api, at) => launch(api, `Parallel ${at}`));
    expect(statuses(many)).toEqual([201, ...Array<number>(49).fill(402)]);
    expect(await balance(theirs)).toBe(0);

    await pair.services.store.billing.addCredit(theirs.id, 5000, 'second');
    const same = await atOnce(theirs.apis, 6, (api) => launch(api, 'Once', 'one-request'));
    expect(new Set(same.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
    expect(await balance(theirs)).toBe(4000);
  });

  test('[BILL-09] an event that Stripe delivers to both at once has one effect', async () => {
    const theirs = await person();
    const from = pair.stripe.events.length;
    const { session_id } = await theirs.apis[1].post<{ session_id: string }>(`${theirs.of}/credits/checkout`, {
      amount_usd: 25,
    });
    const { payment_intent } = pair.stripe.pay(session_id);
    const deliver = async (since: number) => {
      const hooks = pair.urls.map((url) => `${url}/api/v1/billing/webhooks/stripe`);
      const all = pair.stripe.events
        .slice(since)
        .flatMap((event) => [...hooks, ...hooks].map((url) => ({ url, event })));
      // Stripe repeats what was not taken.
      for (let left = all, tries = 0; left.length > 0; tries += 1) {
        expect(tries).toBeLessThan(5);
        const answers = await Promise.all(
          left.map(async (one) => ({ one, status: await pair.stripe.send(one.url, one.event) })),
        );
        left = answers.filter(({ status }) => status !== 200).map(({ one }) => one);
      }
    };
    await deliver(from);
    expect(await balance(theirs)).toBe(2500);
    pair.stripe.refund(payment_intent, 1000);
    await deliver(from);
    expect(await balance(theirs)).toBe(1500);
  });

  test('[BILL-14] the last use of a code that is asked for at both is given once', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => person()));
    const code = `LAST${word().toUpperCase()}`;
    const [first] = people as [Person];
    const made = { code, kind: 'full_bypass', grant_tier: 'pro', max_uses: 1, created_by: first.user_id };
    await pair.services.store.promoCodes.create(made);
    const answers = await Promise.all(
      people.flatMap(({ apis, of }) => apis.map((api) => api.request('POST', `${of}/promo-codes/redeem`, { code }))),
    );
    expect(statuses(answers).filter((status) => status === 200)).toHaveLength(1);
    expect(statuses(answers).filter((status) => status >= 500)).toEqual([]);
    expect((await pair.services.store.promoCodes.find(code))?.uses).toBe(1);
  });

  test('[BILL-11] an invoice that is paid at both at once takes the money once', async () => {
    const theirs = await person();
    await theirs.apis[0].request('POST', `${theirs.of}/payment-method`, { payment_method_id: 'pm_card_visa' });
    await query(
      pair.databaseUrl,
      `INSERT INTO usage_records (id, organization_id, workflow_id, usage_type, quantity, unit_price_cents, total_cents, source, free_tier_used, billed)
       VALUES ($1, $2, $3, 'workflow_completion', 1, 1000, 1000, 'invoice', false, false)`,
      [randomUUID(), theirs.id, `spec:${randomUUID()}`],
    );
    const made = await atOnce(theirs.apis, 4, (api) =>
      api.request<{ id: string } | null>('POST', `${theirs.of}/invoices/generate`),
    );
    const [invoice, ...more] = made.flatMap(({ body }) => (body ? [body] : []));
    expect(more).toEqual([]);
    const answers = await atOnce(theirs.apis, 6, (api) => api.request('POST', `/billing/invoices/${invoice?.id}/pay`));
    expect(statuses(answers).filter((status) => status >= 500)).toEqual([]);
    expect(await theirs.apis[1].get(`/billing/invoices/${invoice?.id}`)).toMatchObject({
      status: 'paid',
      amount_paid: 1000,
      payments: [{ status: 'succeeded' }],
    });
    const charges = pair.stripe.all('payment_intent', {}).filter(({ metadata }) => metadata.invoice_id === invoice?.id);
    expect(charges).toHaveLength(1);
  });

  test('[BILL-17] a budget that is set at both at once is one budget, and its last money is given once', async () => {
    const { apis, id } = await person();
    const budget = { scope_type: 'global', limit_amount: 1 };
    const set = await atOnce(apis, 8, (api) => api.request('POST', '/costs/budgets', budget));
    expect(statuses(set).filter((status) => status >= 300)).toEqual([]);
    expect((await apis[1].get<{ items: object[] }>('/costs/budgets')).items).toHaveLength(1);
    const scopes = [{ type: 'global' as const, id }];
    const held = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        pair.services.store.budgets.reserve({
          ...{ key: `${id}:${at}`, organization_id: id, run_id: null, scopes },
          ...{ wanted: 600_000, least: 600_000 },
        }),
      ),
    );
    expect(held.filter(({ ok }) => ok)).toHaveLength(1);
    const check = (api: Api) => api.get('/costs/budgets/check?scope_type=global&estimated_cost=0.5');
    for (const api of apis) expect(await check(api)).toMatchObject({ allowed: false });
  });

  test('[BILL-06] the entries of every ledger add up to its balance', async () => {
    expect(await pair.services.store.billing.differences()).toEqual([]);
  });
});
