import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Answer, Item } from '#server/contracts/client.ts';
import type * as billing from '#server/contracts/billing.ts';
import type * as payments from '#server/contracts/payments.ts';
import type { getSubscription } from '#server/contracts/subscriptions.ts';
import { Api, eventually } from '#tests/support/api.ts';
import { newPerson } from '#tests/support/people.ts';
import { TestStack } from '#tests/support/stack.ts';
import { StripeStub } from '#tests/support/stripe.ts';

type Account = Answer<typeof billing.billingAccount>;
type Entry = Item<typeof billing.billingLedger>;
type Subscription = Answer<typeof getSubscription>;
type Checkout = Answer<typeof payments.buyCredits>;

let stub: StripeStub;
let stack: TestStack;
let webhook: string;
beforeAll(async () => {
  stub = await new StripeStub().start();
  stack = await TestStack.start(stub.env);
  webhook = `${stack.address.url}/api/v1/billing/webhooks/stripe`;
  stub.webhook = webhook;
}, 240_000);
afterAll(async () => {
  await stack.stop();
  stub.stop();
});

/** A person with an organization on the free plan. */
async function customer() {
  const { api, organization_id: id } = await newPerson({ url: stack.address.url });
  const of = `/billing/account/${id}`;
  const call = (method: 'POST' | 'DELETE' | 'PATCH', path: string, body: object = {}) =>
    api.request<{ message: string }>(method, `${of}${path}`, body);
  return {
    api,
    id,
    call,
    account: () => api.get<Account>(of),
    ledger: () => api.all<Entry>(`${of}/ledger`),
    subscription: () => api.get<Subscription>(`${of}/subscription`),
    cards: async () => (await api.get<Answer<typeof payments.listPaymentMethods>>(`${of}/payment-methods`)).items,
    checkout: (path: string, body: object) => api.post<Checkout>(`${of}${path}/checkout`, body),
    change: (path: string, body?: object) => api.post<Subscription>(`${of}/subscription/${path}`, body),
  };
}
type Customer = Awaited<ReturnType<typeof customer>>;

async function subscribed(tier: string): Promise<Customer & { stripe_id: string }> {
  const theirs = await customer();
  const { session_id } = await theirs.checkout('/subscription', { tier });
  const { subscription } = stub.pay(session_id);
  await eventually('the plan is there', async () => (await theirs.account()).tier === tier);
  return { ...theirs, stripe_id: subscription };
}

/** An administrator of the installation. */
async function administrator() {
  const email = `${randomBytes(6).toString('hex')}@example.test`;
  const made = execFileSync(process.execPath, ['scripts/cli/omoios.js', 'admin', 'create', email, '--json'], {
    encoding: 'utf8',
    env: stack.address.env,
  });
  const anonymous = new Api(stack.address.url, undefined);
  const account = { email, password: (JSON.parse(made) as { password: string }).password };
  return stack.api.as((await anonymous.post<{ access_token: string }>('/auth/login', account)).access_token);
}

test('[BILL-02] [BILL-05] the first card makes the customer and the account active; one of another is not there', async () => {
  const [theirs, other] = [await customer(), await customer()];
  expect(await theirs.account()).toMatchObject({ is_configured: true, is_enforced: true, status: 'pending' });
  expect(await theirs.cards()).toEqual([]);
  const attach = (who: Customer, payment_method_id: string) =>
    who.call('POST', '/payment-method', { payment_method_id });
  expect((await theirs.call('PATCH', '', { auto_billing_enabled: true })).body.message).toMatch(/no card/);
  expect((await attach(theirs, 'pm_card_visa')).status).toBe(204);
  expect((await attach(theirs, 'pm_card_mastercard')).status).toBe(204);
  const cards = await theirs.cards();
  expect(cards.map(({ label, expires, is_default }) => [label, expires, is_default])).toEqual([
    ['Mastercard 4444', '08/2030', true],
    ['Visa 4242', '08/2030', false],
  ]);
  expect(await theirs.account()).toMatchObject({ status: 'active' });
  expect(stub.all('customer', {}).filter(({ metadata }) => metadata.organization_id === theirs.id)).toHaveLength(1);
  expect((await theirs.call('PATCH', '', { auto_billing_enabled: true })).status).toBe(204);

  const [card] = cards;
  expect((await other.call('DELETE', `/payment-methods/${card?.id}`)).status).toBe(404);
  expect((await attach(other, card?.id ?? '')).status).toBe(404);
  for (const { id } of cards) expect((await theirs.call('DELETE', `/payment-methods/${id}`)).status).toBe(204);
  expect(await theirs.cards()).toEqual([]);
  // Without a card nothing more is invoiced.
  expect(await theirs.account()).toMatchObject({ auto_billing_enabled: false });
});

test('[BILL-06] [BILL-09] bought credit is added once, however often Stripe tells of it; what is given back is taken', async () => {
  const theirs = await customer();
  for (const amount_usd of [9, 1001, 10.5])
    expect((await theirs.call('POST', '/credits/checkout', { amount_usd })).status).toBe(422);
  const foreign = { amount_usd: 25, success_url: 'https://evil.example/' };
  expect(await theirs.call('POST', '/credits/checkout', foreign)).toMatchObject({
    status: 400,
    body: { message: expect.stringMatching(/^success_url: must be an address of /) as string },
  });
  const from = stub.events.length;
  const { session_id } = await theirs.checkout('/credits', { amount_usd: 25 });
  const { payment_intent } = stub.pay(session_id);
  await eventually('the credit is there', async () => (await theirs.account()).credit_balance === 2500);
  for (const event of stub.events.slice(from)) expect(await stub.send(webhook, event)).toBe(200);
  expect(await theirs.account()).toMatchObject({ credit_balance: 2500, status: 'active' });
  stub.refund(payment_intent, 1000);
  await eventually('the refund is taken', async () => (await theirs.account()).credit_balance === 1500);
  expect((await theirs.ledger()).map(({ kind, credit }) => [kind, credit])).toEqual([
    ['credit_refund', -1000],
    ['credit_purchase', 2500],
    ['opening', 0],
  ]);

  const [event] = stub.events.slice(-1);
  expect(await stub.send(webhook, event as object, { secret: 'whsec_forged' })).toBe(400);
  expect(await stub.send(webhook, event as object, { timestamp: Date.now() / 1000 - 3600 })).toBe(400);
  expect(await stub.send(webhook, { ...event, id: 'evt_new', type: 'something.new' })).toBe(200);
  // An event about something that Stripe cannot show now is sent again.
  const gone = { ...event, id: 'evt_gone', data: { object: { ...event?.data.object, payment_intent: 'pi_gone' } } };
  expect(await stub.send(webhook, gone)).toBe(503);
});

test('[BILL-07] [BILL-08] two clicks are one session; a subscription is changed at Stripe, and the plan follows', async () => {
  const theirs = await customer();
  expect(await theirs.call('POST', '/subscription/checkout', { tier: 'gold' })).toMatchObject({
    status: 400,
    body: { message: 'tier: must be one of pro, team, byo.' },
  });
  const clicks = await Promise.all([1, 2].map(() => theirs.checkout('/subscription', { tier: 'pro' })));
  expect(new Set(clicks.map(({ session_id }) => session_id)).size).toBe(1);
  const again = await theirs.checkout('/subscription', { tier: 'pro' });
  expect(again.session_id).toBe(clicks[0]?.session_id);
  expect(stub.get(again.session_id)).toMatchObject({ mode: 'subscription', amount_total: 5000 });

  const { subscription: id } = stub.pay(again.session_id);
  await eventually('the plan is there', async () => (await theirs.account()).tier === 'pro');
  expect(await theirs.api.get(`/billing/account/${theirs.id}/usage-summary`)).toMatchObject({
    workflows_limit: 100,
    reason: 'subscription_quota',
  });
  expect(await theirs.call('POST', '/subscription/checkout', { tier: 'team' })).toMatchObject({ status: 400 });
  expect(await theirs.call('POST', '/lifetime/checkout')).toMatchObject({ status: 400 });
  expect(await theirs.call('POST', '/subscription/reactivate')).toMatchObject({ status: 400 });
  expect(await theirs.call('POST', '/subscription/downgrade', { tier: 'team' })).toMatchObject({ status: 400 });

  expect(await theirs.change('upgrade', { tier: 'team' })).toMatchObject({ tier: 'team' });
  expect(stub.get(id).items.data[0].price.unit_amount).toBe(15_000);
  expect(await theirs.change('downgrade', { tier: 'pro' })).toMatchObject({
    tier: 'team',
    subscription: { next_tier: 'pro' },
  });
  stub.endPeriod(id);
  await eventually('the lower plan has begun', async () => (await theirs.account()).tier === 'pro');
  expect((await theirs.subscription()).subscription).toMatchObject({ tier: 'pro', next_tier: null });

  expect(await theirs.change('pause')).toMatchObject({ tier: 'free', subscription: { status: 'paused' } });
  expect(stub.get(id).pause_collection).toEqual({ behavior: 'void' });
  expect(await theirs.change('resume')).toMatchObject({ tier: 'pro', subscription: { status: 'active' } });

  expect(await theirs.change('cancel')).toMatchObject({ tier: 'pro', subscription: { cancel_at_period_end: true } });
  expect(await theirs.change('reactivate')).toMatchObject({ subscription: { cancel_at_period_end: false } });
  stub.endPeriod(id, false);
  await eventually('it is late', async () => (await theirs.subscription()).subscription?.status === 'past_due');
  expect(await theirs.account()).toMatchObject({ tier: 'pro' });
  expect(await theirs.change('cancel?at_period_end=false')).toMatchObject({
    tier: 'free',
    subscription: { status: 'canceled' },
  });
  expect(stub.get(id).status).toBe('canceled');
  const types = (
    await theirs.api.all<{ type: string }>(
      '/events?types=subscription.created,subscription.upgraded,subscription.downgraded,subscription.canceled,subscription.reactivated,subscription.paused',
    )
  ).map(({ type }) => type.replace('subscription.', ''));
  expect(types).toEqual([
    'created',
    'upgraded',
    'downgraded',
    'paused',
    'reactivated',
    'canceled',
    'reactivated',
    'canceled',
  ]);
});

test('[BILL-07] a plan for life is paid once, and its refund ends it', async () => {
  const theirs = await customer();
  const { session_id } = await theirs.checkout('/lifetime', {});
  const { payment_intent } = stub.pay(session_id);
  expect(stub.get(payment_intent).amount).toBe(29_900);
  await eventually('the plan is there', async () => (await theirs.account()).tier === 'lifetime');
  expect(await theirs.subscription()).toMatchObject({ subscription: { source: 'lifetime', period_end: null } });
  expect((await theirs.call('POST', '/subscription/checkout', { tier: 'pro' })).body.message).toMatch(/for life/);
  stub.refund(payment_intent, 29_900);
  await eventually('it has ended', async () => (await theirs.account()).tier === 'free');
});

test('[BILL-14] a code is redeemed once and counted once; its discount, trial or plan is given', async () => {
  const operator = await administrator();
  const code = (more: object) => operator.request<{ message: string }>('POST', '/billing/promo-codes', more);
  const half = { code: `half-${randomBytes(3).toString('hex')}`, kind: 'percentage', value: 50, max_uses: 1 };
  const trial = { code: `trial-${randomBytes(3).toString('hex')}`, kind: 'trial_extension', value: 14 };
  const grant = { code: `grant-${randomBytes(3).toString('hex')}`, kind: 'full_bypass', grant_duration_months: 3 };
  for (const made of [half, trial, grant]) expect((await code(made)).status).toBe(201);
  expect((await code(half)).status).toBe(409);
  expect((await code({ ...half, code: 'more', value: 101 })).status).toBe(422);
  const people = await Promise.all([customer(), customer()]);
  expect((await people[0].api.request('POST', '/billing/promo-codes', half)).status).toBe(403);

  const redeem = (who: Customer, given: { code: string }) => who.call('POST', '/promo-codes/redeem', given);
  const both = await Promise.all(people.map((who) => redeem(who, { code: half.code })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  const winner = people[both.findIndex(({ status }) => status === 200)] as Customer;
  expect((await redeem(winner, { code: half.code })).status).not.toBe(200);
  const validate = (given: string) => stack.api.post('/billing/promo-codes/validate', { code: given });
  expect(await validate(half.code)).toMatchObject({ valid: false, message: 'This code has reached its usage limit.' });
  expect(await validate('nothing')).toMatchObject({
    valid: false,
    message: expect.stringMatching(/invalid/) as string,
  });

  const { session_id } = await winner.checkout('/subscription', { tier: 'pro' });
  expect(stub.get(session_id)).toMatchObject({ amount_total: 2500 });
  stub.pay(session_id);
  await eventually('the plan is there', async () => (await winner.account()).tier === 'pro');
  await winner.change('cancel?at_period_end=false');
  // The discount was for one purchase.
  const next = await winner.checkout('/subscription', { tier: 'pro' });
  expect(stub.get(next.session_id)).toMatchObject({ amount_total: 5000 });

  const tries = await customer();
  expect((await redeem(tries, { code: trial.code })).status).toBe(200);
  stub.pay((await tries.checkout('/subscription', { tier: 'team' })).session_id);
  await eventually('the trial has begun', async () => (await tries.subscription()).subscription?.status === 'trialing');
  expect(await tries.account()).toMatchObject({ tier: 'team' });

  const granted = await customer();
  expect((await redeem(granted, { code: grant.code })).status).toBe(200);
  const { subscription, tier } = await granted.subscription();
  expect([tier, subscription?.source]).toEqual(['pro', 'promo']);
  expect((Date.parse(subscription?.period_end ?? '') - Date.now()) / 86_400_000).toBeGreaterThan(88);
  expect((await operator.request('DELETE', `/billing/promo-codes/${grant.code}`)).status).toBe(204);
  expect(await validate(grant.code)).toMatchObject({ valid: false });
  expect(await granted.account()).toMatchObject({ tier: 'pro' });
});

test('[BILL-01] the command makes the prices of the plans at Stripe, and tells of one that differs', async () => {
  const sync = async (more: Record<string, string> = {}) => {
    const env: NodeJS.ProcessEnv = { ...process.env, ...stub.env, ...more };
    const words = ['scripts/cli/omoios.js', 'billing', 'sync-plans'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { env }).catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );
    return `${stdout}${stderr}`;
  };
  expect(await sync()).toMatch(/^pro: price_\w+ (is right|was created)\.\nteam: .*\nlifetime: /);
  expect(await sync()).toMatch(
    /^pro: price_\w+ is right\.\nteam: price_\w+ is right\.\nlifetime: price_\w+ is right\.\nbyo: price_\w+ is right\.\n$/,
  );
  const [pro] = stub.all('price', { lookup_key: 'omoios_pro_5000_month' });
  expect(await sync({ STRIPE_TEAM_PRICE_ID: pro?.id ?? '' })).toMatch(
    /team: price_\w+ differs: it costs 5000 cents instead of 15000/,
  );
  expect(await sync({ STRIPE_API_KEY: '', STRIPE_WEBHOOK_SECRET: '' })).toMatch(/STRIPE_API_KEY is not set/);
});

test('keys of Stripe are in no log', async () => {
  const theirs = await subscribed('pro');
  expect(theirs.stripe_id).toMatch(/^sub_/);
  const logs = stack.log('application');
  expect(logs).not.toContain(stub.key);
  expect(logs).not.toContain(stub.secret);
});
