import { randomUUID } from 'node:crypto';
import { openDatabaseClient } from '#prisma/client.ts';
import type { Call } from '#server/http/context.ts';
import { redeemPromoCode } from '#server/usecases/promo-codes.ts';
import * as usecases from '#server/usecases/subscriptions.ts';
import { openShop } from '#tests/support/shop.ts';

type Shop = Awaited<ReturnType<typeof openShop>>;
type Buyer = Awaited<ReturnType<Shop['buyer']>>;
let shop: Shop;
let { store, stub, services, take, buyer } = {} as Shop;
beforeAll(async () => {
  shop = await openShop();
  ({ store, stub, services, take, buyer } = shop);
});
afterAll(() => shop.close());

const callOf = ({ organization_id }: Buyer) =>
  ({ services, organization_id, actor: { user_id: null } }) as unknown as Call;
const refused = (message: RegExp) => ({ code: 'invalid_rule', message: expect.stringMatching(message) as string });

/** An organization that has paid for these plans, one after the other. */
async function has(who: Buyer, open: (call: Call) => Promise<{ session_id: string }>) {
  const from = stub.events.length;
  const paid = stub.pay((await open(callOf(who))).session_id);
  for (const event of stub.events.slice(from)) await take(event);
  return paid.subscription as string;
}
const buysPro = (call: Call) => usecases.subscribe(call, { tier: 'pro' });
const buysLifetime = (call: Call) => usecases.buyLifetime(call, {});

async function code(more: object) {
  const made = { code: randomUUID().slice(0, 8).toUpperCase(), kind: 'full_bypass', applicable_tiers: [], ...more };
  await store.promoCodes.create(made as unknown as Parameters<typeof store.promoCodes.create>[0]);
  return made.code;
}
const redeem = (who: Buyer, given: string) => redeemPromoCode(callOf(who), given);
const isUnused = async (given: string) => (await store.promoCodes.find(given))?.uses === 0;

/** What sells a plan, or begins to charge for one again. */
const sales: [string, (call: Call) => Promise<unknown>][] = [
  ['subscribe', buysPro],
  ['plan for life', buysLifetime],
  ['upgrade', (call) => usecases.upgradeSubscription(call, 'team')],
  ['reactivate', usecases.reactivateSubscription],
  ['resume', usecases.resumeSubscription],
];

test('[BILL-07] beside a plan for life no subscription is charged again: it ends with its period', async () => {
  const who = await buyer();
  const call = callOf(who);
  const id = await has(who, buysPro);
  await usecases.pauseSubscription(call);
  await usecases.cancelSubscription(call, true);
  await has(who, buysLifetime);
  for (const [, sell] of sales) await expect(sell(call)).rejects.toMatchObject(refused(/plan for life/));
  expect(stub.get(id)).toMatchObject({ cancel_at_period_end: true, pause_collection: { behavior: 'void' } });

  // The provider's own page knows no plan for life.
  stub.get(id).cancel_at_period_end = false;
  stub.emit('customer.subscription.updated', stub.get(id));
  const event = stub.events.at(-1);
  if (event) await take(event);
  expect(stub.get(id)).toMatchObject({ cancel_at_period_end: true });
});

test('[BILL-07] [BILL-13] a suspended account is sold no plan, and no code that grants one is used up', async () => {
  const [who, subscribed] = [await buyer(), await buyer()];
  await has(subscribed, buysPro);
  const client = openDatabaseClient({ url: shop.url, pool: 1, pool_timeout: 10, command_timeout: 10 });
  const where = { organization_id: { in: [who.organization_id, subscribed.organization_id] } };
  await client.prisma.billingAccount.updateMany({ where, data: { status: 'suspended' } });
  await client.close();
  for (const [, sell] of sales)
    await expect(sell(callOf(subscribed))).rejects.toMatchObject(refused(/suspended .* Pay the invoice first/));
  const grant = await code({ grant_tier: 'pro', grant_months: 1 });
  await expect(redeem(who, grant)).rejects.toMatchObject(refused(/Pay the invoice first/));
  expect(await isUnused(grant)).toBe(true);
  await usecases.cancelSubscription(callOf(subscribed), true);
});

test('[BILL-07] [BILL-14] no plan is sold beside a grant of the same or more; one that is more is', async () => {
  const who = await buyer();
  await redeem(who, await code({ grant_tier: 'pro', grant_months: 1 }));
  for (const sell of [buysPro, buysLifetime])
    await expect(sell(callOf(who))).rejects.toMatchObject(refused(/has the plan pro until \d{4}-.* free of charge/));
  const id = await has(who, (call) => usecases.subscribe(call, { tier: 'team' }));
  expect(stub.get(id).status).toBe('active');

  const other = await buyer();
  await has(other, buysPro);
  await redeem(other, await code({ grant_tier: 'team', grant_months: null }));
  await expect(usecases.upgradeSubscription(callOf(other), 'team')).rejects.toMatchObject(
    refused(/plan team for life/),
  );
  await usecases.pauseSubscription(callOf(other));
  await expect(usecases.resumeSubscription(callOf(other))).rejects.toMatchObject(refused(/plan team for life/));
});

test('[BILL-14] a code that would give nothing is refused and stays unused', async () => {
  const who = await buyer();
  await has(who, buysPro);
  const expectRefused = async (given: string, message: RegExp) => {
    await expect(redeem(who, given)).rejects.toMatchObject(refused(message));
    expect(await isUnused(given)).toBe(true);
  };
  await expectRefused(await code({ grant_tier: 'pro', grant_months: 3 }), /^code: .*has the plan pro/);
  await redeem(who, await code({ grant_tier: 'team', grant_months: 3 }));
  await expectRefused(await code({ grant_tier: 'team', grant_months: 1 }), /^code: .*has the plan team/);

  const life = await buyer();
  await has(life, buysLifetime);
  for (const [kind, value] of [
    ['trial_extension', 14],
    ['percentage', 20],
    ['fixed_amount', 500],
  ] as const) {
    const given = await code({ kind, value });
    await expect(redeem(life, given)).rejects.toMatchObject(refused(/^code: .*plan for life/));
    expect(await isUnused(given)).toBe(true);
  }
});

test('[BILL-08] a downgrade holds at the end of the period, whatever is ordered in between, and can be taken back', async () => {
  const who = await buyer();
  const call = callOf(who);
  const id = await has(who, (of) => usecases.subscribe(of, { tier: 'team' }));
  await usecases.downgradeSubscription(call, 'pro');
  const next = async () => (await usecases.getSubscription(call)).subscription?.next_tier;
  const isPlanned = async () => {
    expect(await next()).toBe('pro');
    expect(stub.get(stub.get(id).schedule).phases).toHaveLength(2);
  };
  await usecases.pauseSubscription(call);
  await isPlanned();
  await usecases.resumeSubscription(call);
  await isPlanned();
  await usecases.cancelSubscription(call, true);
  expect([await next(), stub.get(id).schedule]).toEqual([null, null]);
  await usecases.reactivateSubscription(call);
  await isPlanned();

  // The process dies between the release of the schedule and what follows: the next event brings it back.
  await services.payments?.changeSubscription(id, { kind: 'pause' });
  expect(stub.get(id).schedule).toBeNull();
  stub.emit('customer.subscription.updated', stub.get(id));
  const event = stub.events.at(-1);
  if (event) await Promise.all([take(event), take(event)]);
  await isPlanned();
  await usecases.resumeSubscription(call);

  stub.endPeriod(id);
  await usecases.syncSubscription(services, { ...who, subscription_id: id });
  expect(await usecases.getSubscription(call)).toMatchObject({ tier: 'pro', subscription: { next_tier: null } });
  expect(stub.get(id).schedule).toBeNull();

  await usecases.upgradeSubscription(call, 'team');
  await usecases.downgradeSubscription(call, 'pro');
  expect(await next()).toBe('pro');
  await usecases.cancelSubscription(call, true);
  await usecases.reactivateSubscription(call);
  await isPlanned();
  await usecases.reactivateSubscription(call);
  expect([await next(), stub.get(id).schedule]).toEqual([null, null]);
  await expect(usecases.reactivateSubscription(call)).rejects.toMatchObject(refused(/nothing to take back/));
  stub.endPeriod(id);
  await usecases.syncSubscription(services, { ...who, subscription_id: id });
  expect(await usecases.getSubscription(call)).toMatchObject({ tier: 'team' });
});
