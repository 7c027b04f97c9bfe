import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { PlanPrice } from '#activities/ports/payments.ts';
import { openDatabaseClient } from '#prisma/client.ts';
import { createPayments } from '#tests/support/payments.ts';
import { openShop } from '#tests/support/shop.ts';
import type { StubEvent } from '#tests/support/stripe.ts';

type Shop = Awaited<ReturnType<typeof openShop>>;
type Buyer = Awaited<ReturnType<Shop['buyer']>>;
let shop: Shop;
let { store, stub, payments, warnings, take, buyer } = {} as Shop;
beforeAll(async () => {
  shop = await openShop();
  ({ store, stub, payments, warnings, take, buyer } = shop);
});
afterAll(() => shop.close());

const plans = {
  pro: { tier: 'pro', label: 'Pro', price_cents: 5000, interval: 'month' },
  team: { tier: 'team', label: 'Team', price_cents: 15_000, interval: 'month' },
} as const;
const openPlan = async (who: Buyer, plan: PlanPrice) =>
  (await payments.checkout({ ...who, purchase: { kind: 'plan', plan } })).id;
const subscribe = async (who: Buyer) => stub.pay(await openPlan(who, plans.pro));
const lifetime = { tier: 'lifetime', label: 'Lifetime', price_cents: 29_900, interval: 'once' } as const;
const buyCredit = async (who: Buyer, amount_cents: number) =>
  stub.pay((await payments.checkout({ ...who, purchase: { kind: 'credits', amount_cents } })).id);

async function stateOf({ organization_id }: Buyer) {
  const [account, subscriptions, ledger] = await Promise.all([
    store.billing.account(organization_id),
    store.subscriptions.list(organization_id),
    store.billing.ledger(organization_id, { limit: 200 }),
  ]);
  return {
    plan: account.plan,
    status: account.status,
    credit: account.credit_cents,
    used: account.used_workflows,
    subscriptions: subscriptions.map(({ tier, status, cancel_at_period_end }) => [tier, status, cancel_at_period_end]),
    ledger: ledger.items.map(({ kind, credit_cents }) => `${kind} ${credit_cents}`).sort(),
  };
}

/** Two pages of payment are paid at once: the first one is being paid while the second one is opened, so it stays open. */
async function payBoth(who: Buyer, ...both: [PlanPrice, PlanPrice]) {
  const from = stub.events.length;
  const first = await openPlan(who, both[0]);
  stub.get(first).status = 'complete';
  const second = await openPlan(who, both[1]);
  stub.get(first).status = 'open';
  const sessions = [stub.pay(first), stub.pay(second)];
  const deliver = () => Promise.allSettled(stub.events.slice(from).flatMap((event) => [take(event), take(event)]));
  return { sessions, deliver };
}

/** The subjects of the mails to the organization. */
async function mailsTo({ organization_id }: Buyer) {
  const { addresses } = await store.billing.recipients(organization_id);
  const { items } = await store.mails.list({ limit: 200 });
  return items.filter(({ recipient }) => addresses.includes(recipient)).map(({ subject }) => subject);
}

test('[BILL-09] the events of a life have the same effect in any order, late and twice', async () => {
  // After each step of the life, some of the events that wait are delivered, in some order, some twice.
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 0.4, 1),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      async (share, chances) => {
        const chance = () => chances.next().value ?? 0;
        const from = stub.events.length;
        const who = await buyer();
        const seen = new Set<StubEvent>();
        const deliver = async (most: number) => {
          const waiting = stub.events.slice(from).filter((event) => !seen.has(event));
          const some = waiting.map((event) => ({ event, rank: chance() })).sort((a, b) => a.rank - b.rank);
          for (const { event } of some.slice(0, Math.ceil(some.length * most))) {
            await take(event);
            if (chance() < 0.3) await take(event);
            seen.add(event);
          }
        };
        const { subscription } = await subscribe(who);
        await deliver(share);
        const credit = await buyCredit(who, 3000);
        await deliver(share);
        stub.refund(credit.payment_intent, 1000);
        await payments.changeSubscription(subscription, { kind: 'upgrade', plan: plans.team });
        await deliver(share);
        stub.endPeriod(subscription);
        stub.refund(credit.payment_intent, 500);
        await payments.changeSubscription(subscription, { kind: 'cancel', at_period_end: true });
        await deliver(share);
        expect(stub.events.length - from).toBeGreaterThan(12);
        await deliver(1);
        const before = await stateOf(who);
        expect(before).toMatchObject({
          plan: 'team',
          status: 'active',
          credit: 1500,
          subscriptions: [['team', 'active', true]],
        });
        const credits = before.ledger.filter((line) => line.startsWith('credit_refund'));
        expect(credits.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)).toBe(-1500);
        expect(before.ledger.filter((line) => !line.startsWith('credit_refund'))).toEqual([
          'credit_purchase 3000',
          'monthly_reset 0',
          'monthly_reset 0',
          'opening 0',
        ]);
        stub.endPeriod(subscription);
        await deliver(1);
        expect(await stateOf(who)).toMatchObject({ plan: 'free', subscriptions: [['team', 'canceled', true]] });
        // All of them once more change nothing.
        for (const event of stub.events.slice(from)) await take(event);
        expect(await stateOf(who)).toMatchObject({ plan: 'free', credit: 1500, used: 0 });
      },
    ),
    { numRuns: 6 },
  );
  expect(await store.billing.differences()).toEqual([]);
});

test('[BILL-09] events of one moment at once have their effect once, and none is lost', async () => {
  const from = stub.events.length;
  const who = await buyer();
  await subscribe(who);
  const { payment_intent } = await buyCredit(who, 2000);
  stub.refund(payment_intent, 500);
  const events = stub.events.slice(from);
  await Promise.all([...events, ...events].map((event) => take(event)));
  expect(await stateOf(who)).toMatchObject({ plan: 'pro', credit: 1500, subscriptions: [['pro', 'active', false]] });
});

test('[BILL-09] what is forged, of an unknown kind, or of a customer that is not ours changes nothing', async () => {
  const who = await buyer();
  const from = stub.events.length;
  await buyCredit(who, 1000);
  const [paid] = stub.events.slice(from).filter(({ type }) => type === 'payment_intent.succeeded');
  if (!paid) throw new Error('no event');
  await expect(take(paid, 'whsec_of_a_stranger')).rejects.toMatchObject({ code: 'invalid_rule' });
  for (const body of [[1, 2], null, 7, {}, { ...paid, data: null }])
    await expect(take(body as StubEvent)).rejects.toMatchObject({ code: 'invalid_rule' });
  await take({ ...paid, id: 'evt_unknown', type: 'radar.early_fraud_warning.created' });
  const stranger = { ...paid, id: 'evt_stranger', data: { object: { ...paid.data.object, customer: 'cus_stranger' } } };
  await take(stranger);
  expect(warnings).toEqual(['Stripe tells of a customer that is not ours']);
  expect(await stateOf(who)).toMatchObject({ credit: 0 });
  // What the event says is not believed: the payment is read.
  const object = { ...paid.data.object, amount: 99_000_000, metadata: { purchase: 'plan', tier: 'lifetime' } };
  await take({ ...paid, id: 'evt_lies', data: { object } });
  expect(await stateOf(who)).toMatchObject({ credit: 1000, plan: 'free' });
});

test('[BILL-14] a grant ends by its date at once, and endGrants writes it', async () => {
  const who = await buyer();
  const user = (await store.identity.createUser({ email: `${randomUUID()}@example.test`, hashed_password: null })).id;
  const code = { kind: 'full_bypass', grant_tier: 'pro', grant_months: 1 };
  await store.promoCodes.create({ ...code, code: 'MONTH', max_uses: 1 });
  const other = await buyer();
  const redeem = ({ organization_id }: Buyer) => store.promoCodes.redeem(organization_id, 'MONTH', user);
  const [first, second] = await Promise.allSettled([redeem(who), redeem(other)]);
  expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
  const winner = first.status === 'fulfilled' ? who : other;
  const { organization_id } = winner;
  expect(await stateOf(winner)).toMatchObject({ plan: 'pro', status: 'active' });
  await store.subscriptions.endGrants(organization_id);
  expect(await stateOf(winner)).toMatchObject({ plan: 'pro', subscriptions: [['pro', 'active', false]] });

  const [grant] = await store.subscriptions.list(organization_id);
  expect(((grant?.period_end?.getTime() ?? 0) - Date.now()) / 86_400_000).toBeGreaterThan(27);
  const client = openDatabaseClient({ url: shop.url, pool: 1, pool_timeout: 10, command_timeout: 10 });
  await client.prisma.subscription.updateMany({ where: { organization_id }, data: { period_end: new Date() } });
  await client.close();
  expect(await stateOf(winner)).toMatchObject({ plan: 'free', subscriptions: [['pro', 'active', false]] });
  await store.subscriptions.endGrants(organization_id);
  expect(await stateOf(winner)).toMatchObject({ plan: 'free', subscriptions: [['pro', 'canceled', false]] });
});

test('[BILL-07] a plan for life that is paid twice is given back once, with one event and one mail, and stays', async () => {
  const who = await buyer();
  const { sessions, deliver } = await payBoth(who, lifetime, lifetime);
  const paid = sessions.map(({ payment_intent }) => payment_intent as string);
  await deliver();
  await deliver();
  const refunded = () => paid.map((id) => stub.get(stub.get(id).latest_charge).amount_refunded as number);
  expect(refunded().sort()).toEqual([0, 29_900]);
  expect(await stateOf(who)).toMatchObject({ plan: 'lifetime', subscriptions: [['lifetime', 'active', false]] });
  const events = await store.events.after(who.organization_id, 0, 200);
  expect(events.filter(({ type }) => type === 'billing.payment_refunded').map(({ data }) => data)).toEqual([
    { purpose: 'lifetime', amount_cents: 29_900, reason: 'paid_twice' },
  ]);
  expect(await mailsTo(who)).toEqual([expect.stringMatching(/: \$299\.00 are refunded$/)]);

  // The plan ends with its own payment.
  stub.refund(paid[refunded().indexOf(0)] ?? '', 29_900);
  await deliver();
  expect(await stateOf(who)).toMatchObject({ plan: 'free' });
});

test('[BILL-07] of two subscriptions that are paid at once the second is canceled and given back, once, and the first stays', async () => {
  const who = await buyer();
  const { sessions, deliver } = await payBoth(who, plans.pro, plans.team);
  const bought = sessions.map(({ subscription }) => subscription as string);
  for (let times = 0; times < 3; times += 1) await deliver();
  expect(await deliver()).not.toContainEqual(expect.objectContaining({ status: 'rejected' }));

  const stays = bought.findIndex((id) => stub.get(id).status === 'active');
  const [plan, cents] = [['pro', 'team'][stays], [15_000, 5000][stays] ?? 0];
  expect(bought.map((id) => stub.get(id).status as string).sort()).toEqual(['active', 'canceled']);
  const charges = stub.all('charge', { customer: who.customer_id });
  expect(charges.map((charge) => charge.amount_refunded as number).sort()).toEqual([0, cents]);
  expect(charges.find(({ amount_refunded }) => amount_refunded === cents)).toMatchObject({ amount: cents });
  const after = await stateOf(who);
  expect(after).toMatchObject({ plan, status: 'active', ledger: ['monthly_reset 0', 'opening 0'] });
  const events = (await store.events.after(who.organization_id, 0, 200)).filter(({ type }) =>
    /^subscription|refunded$/.test(type),
  );
  expect(events.map(({ type, data }) => [type, data]).sort()).toMatchObject([
    ['billing.payment_refunded', { purpose: 'subscription', amount_cents: cents, reason: 'paid_twice' }],
    ['subscription.created', { new_tier: plan }],
  ]);
  expect(await mailsTo(who)).toEqual([expect.stringMatching(/: a second plan is canceled$/)]);

  // What comes later of the second one changes nothing, and the first one is changed as before.
  await payments.changeSubscription(bought[stays] ?? '', { kind: 'cancel', at_period_end: false });
  await deliver();
  stub.emit('customer.subscription.updated', stub.get(bought[1 - stays] ?? ''));
  await deliver();
  expect(await stateOf(who)).toMatchObject({ plan: 'free', ledger: after.ledger });
  const ended = expect.stringMatching(/: the plan (Pro|Team) has ended$/) as string;
  expect((await mailsTo(who)).toSorted()).toEqual([expect.stringMatching(/: a second plan is canceled$/), ended]);
});

test.each([
  ['the subscription', [0, 1]],
  ['the plan for life', [1, 0]],
])(
  '[BILL-07] of %s and another plan that are paid at once, the one that is told of first stays',
  async (_of, order) => {
    const who = await buyer();
    const { sessions } = await payBoth(who, plans.pro, lifetime);
    const events = stub.events.filter(({ data }) => data.object.customer === who.customer_id);
    const isOf = ({ type, data: { object } }: StubEvent, at: number) =>
      at === 0
        ? /subscription|^invoice/.test(type) || object.id === sessions[0]?.id
        : type.startsWith('payment_intent') || object.id === sessions[1]?.id;
    for (const at of order) for (const event of events.filter((one) => isOf(one, at))) await take(event);
    for (const event of events) await take(event);
    const [subscription, payment] = [sessions[0]?.subscription as string, sessions[1]?.payment_intent as string];
    const stays = order[0] === 0;
    expect(stub.get(subscription).status).toBe(stays ? 'active' : 'canceled');
    expect(stub.get(stub.get(payment).latest_charge).amount_refunded).toBe(stays ? 29_900 : 0);
    expect(await stateOf(who)).toMatchObject({ plan: stays ? 'pro' : 'lifetime' });
    const events_of = await store.events.after(who.organization_id, 0, 200);
    expect(events_of.filter(({ type }) => type === 'billing.payment_refunded').map(({ data }) => data)).toEqual([
      { purpose: stays ? 'lifetime' : 'subscription', amount_cents: stays ? 29_900 : 5000, reason: 'paid_twice' },
    ]);
    expect(await mailsTo(who)).toHaveLength(1);
  },
);

test('the invoices that Stripe made are listed page by page, and the list says when Stripe does not answer', async () => {
  const who = await buyer();
  const { subscription } = await subscribe(who);
  stub.endPeriod(subscription as string);
  stub.endPeriod(subscription as string);
  const first = await payments.invoices(who.customer_id, { limit: 2 });
  expect(first).toMatchObject({
    items: [{}, { status: 'paid', total_cents: 5000, pdf_url: `${stub.url}/invoice.pdf` }],
    has_more: true,
  });
  const second = await payments.invoices(who.customer_id, { limit: 2, after: first.items.at(-1)?.id });
  expect(second).toMatchObject({ items: [{ status: 'paid' }], has_more: false });
  const other = await buyer();
  expect(await payments.invoices(other.customer_id, { limit: 2 })).toEqual({ items: [], has_more: false });

  // Port 9 discards: nothing listens there.
  const away = createPayments('http://127.0.0.1:9');
  await expect(away.invoices(who.customer_id, { limit: 2 })).rejects.toThrow(
    'Stripe does not answer. Try again later.',
  );
});

test('[BILL-07] of two pages of payment for plans that are open, the one that was opened first is closed', async () => {
  const who = await buyer();
  const earlier = await openPlan(who, lifetime);
  const credit = await payments.checkout({ ...who, purchase: { kind: 'credits', amount_cents: 1000 } });
  const later = await openPlan(who, plans.pro);
  expect([earlier, credit.id, later].map((id) => stub.get(id).status as string)).toEqual(['expired', 'open', 'open']);
});
