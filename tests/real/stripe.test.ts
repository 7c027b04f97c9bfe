import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createPayments } from '#tests/support/payments.ts';
import type { Payments, PlanPrice } from '#activities/ports/payments.ts';

/*
 * stripe-mock knows the interface of Stripe: it refuses a request that does not fit, and its answers are examples. So
 * these tests show that each request has its shape, and no more.
 */
const mock = process.env.STRIPE_MOCK_URL ?? 'http://127.0.0.1:12111';

/** Facts that the examples lack, by the request whose answer gets them. */
const more: [RegExp, object][] = [
  [/^GET \/v1\/customers\/[^/]+$/, { invoice_settings: { default_payment_method: 'pm_1' } }],
  [/^GET \/v1\/prices\?/, { data: [] }],
  [/^GET \/v1\/subscriptions\/paused/, { status: 'paused', schedule: null }],
  [/^GET \/v1\/subscriptions\/sub_1/, { schedule: null }],
];

let between: Server;
let payments: Payments;
const made: string[] = [];
beforeAll(async () => {
  between = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const { method = 'GET', url = '/' } = request;
      const answer = await fetch(`${mock}${url}`, {
        method,
        headers: {
          authorization: String(request.headers.authorization),
          'content-type': 'application/x-www-form-urlencoded',
        },
        ...(body ? { body } : {}),
      });
      const call = `${method} ${url}`;
      made.push(`${call.split('?')[0]} ${answer.status}`);
      const facts = more.find(([pattern]) => pattern.test(call))?.[1];
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...((await answer.json()) as object), ...facts }));
    })();
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  payments = createPayments(`http://127.0.0.1:${(between.address() as AddressInfo).port}`);
});
afterAll(() => between.close());
const pro: PlanPrice = { tier: 'pro', label: 'Pro', price_cents: 5000, interval: 'month' };
const lifetime: PlanPrice = { tier: 'lifetime', label: 'Lifetime', price_cents: 29_900, interval: 'once' };
const addresses = { success_url: 'https://omoios.example/ok', cancel_url: 'https://omoios.example/no' };
const buyer = { customer_id: 'cus_1', organization_id: 'o', ...addresses };
const promo = { code: 'SPRING', coupon_id: 'co_1', trial_days: 7 };

const calls: [string, (payments: Payments) => Promise<unknown>][] = [
  ['a customer', (p) => p.createCustomer({ id: 'o', name: 'Acme', email: 'acme@example.com' })],
  ['a setup intent', (p) => p.setupIntent('cus_1')],
  ['the portal', (p) => p.portal('cus_1', addresses.success_url)],
  ['the portal for a card', (p) => p.portal('cus_1', addresses.success_url, 'card')],
  ['the cards', (p) => p.cards('cus_1')],
  ['credits', (p) => p.checkout({ ...buyer, purchase: { kind: 'credits', amount_cents: 1000 } })],
  ['a plan', (p) => p.checkout({ ...buyer, promo, purchase: { kind: 'plan', plan: pro } })],
  ['a plan for life', (p) => p.checkout({ ...buyer, purchase: { kind: 'plan', plan: lifetime } })],
  ['a session', (p) => p.session('cs_1')],
  ['a discount in per cent', (p) => p.coupon({ organization_id: 'o', code: 'SPRING', off: { percent: 20 } })],
  ['a discount in dollars', (p) => p.coupon({ organization_id: 'o', code: 'FIVE', off: { cents: 500 } })],
  ['a subscription', (p) => p.subscription('sub_1')],
  ['its payments', (p) => p.subscriptionPayments('sub_1')],
  ['its end now', (p) => p.changeSubscription('sub_1', { kind: 'cancel', at_period_end: false })],
  ['its end later', (p) => p.changeSubscription('sub_1', { kind: 'cancel', at_period_end: true })],
  ['no end', (p) => p.changeSubscription('sub_1', { kind: 'reactivate' })],
  ['an upgrade', (p) => p.changeSubscription('sub_1', { kind: 'upgrade', plan: pro })],
  ['a downgrade', (p) => p.changeSubscription('sub_1', { kind: 'downgrade', plan: pro })],
  ['the plan after a downgrade', (p) => p.schedule('sub_1', pro)],
  ['no downgrade', (p) => p.changeSubscription('sub_1', { kind: 'keep' })],
  ['a pause', (p) => p.changeSubscription('sub_1', { kind: 'pause' })],
  ['its end', (p) => p.changeSubscription('sub_1', { kind: 'resume' })],
  ['the end of a pause of another kind', (p) => p.changeSubscription('paused', { kind: 'resume' })],
  ['invoices', (p) => p.invoices('cus_1', { limit: 50, after: 'in_1' })],
  ['an invoice', (p) => p.invoice('in_1')],
  ['a payment', (p) => p.payment('pi_1')],
  ['a refund', (p) => p.refund('pi_1')],
  ['prices', (p) => p.syncPrices([pro, lifetime])],
  [
    'a charge',
    (p) =>
      p.charge({
        customer_id: 'cus_1',
        amount_cents: 1000,
        description: 'Invoice',
        metadata: { organization_id: 'o', invoice_id: 'i', payment_id: 'p' },
        key: 'k',
      }),
  ],
];

test.each(calls)('the request for %s has the shape of Stripe’s interface', async (_what, call) => {
  await expect(call(payments)).resolves.not.toThrow();
});

test('a schedule that comes back each time is released three times, and the order fails', async () => {
  await expect(payments.changeSubscription('sub_2', { kind: 'keep' })).rejects.toMatchObject({ code: 'unavailable' });
  expect(made.filter((line) => /^POST .*\/release 200$/.test(line))).toHaveLength(3);
});

test('no request was refused, and those that change something were made', () => {
  expect(made.filter((line) => !line.endsWith(' 200'))).toEqual([]);
  for (const path of ['payment_intents', 'prices', 'subscription_schedules'])
    expect(made).toContain(`POST /v1/${path} 200`);
});
