import { randomUUID } from 'node:crypto';
import { setBudget } from '#server/contracts/budgets.ts';
import { createPromoCode as createCode } from '#server/contracts/promo-codes.ts';
import type { Call } from '#server/http/context.ts';
import { archiveOrganization } from '#server/usecases/organizations.ts';
import { openPortal } from '#server/usecases/payments.ts';
import { createPromoCode, validatePromoCode } from '#server/usecases/promo-codes.ts';
import { syncSubscription } from '#server/usecases/subscriptions.ts';
import { openShop } from '#tests/support/shop.ts';
import { nextMonth } from '#workflows/domain/billing/account.ts';

type Shop = Awaited<ReturnType<typeof openShop>>;
type Buyer = Awaited<ReturnType<Shop['buyer']>>;
let shop: Shop;
let { store, stub, payments, services, take, buyer } = {} as Shop;
beforeAll(async () => {
  shop = await openShop();
  ({ store, stub, payments, services, take, buyer } = shop);
});
afterAll(() => shop.close());

const pro = { tier: 'pro', label: 'Pro', price_cents: 5000, interval: 'month' } as const;
const openPro = async (who: Buyer) => (await payments.checkout({ ...who, purchase: { kind: 'plan', plan: pro } })).id;
async function planOf({ organization_id }: Buyer) {
  const [row] = await store.subscriptions.list(organization_id);
  return [(await store.billing.account(organization_id)).plan, row?.cancel_at_period_end];
}

test('[BILL-17] a budget does not end before it begins', () => {
  const past = { scope_type: 'global', limit_amount: 5, period_end: '2020-01-01T00:00:00Z' };
  const { error } = setBudget.body.safeParse(past);
  expect(error?.issues).toMatchObject([{ path: ['period_end'], message: 'must be in the future' }]);
});

test('[BILL-14] a promo code does not end before it begins', () => {
  const dates = { valid_from: '2030-01-02T01:00:00+02:00', valid_until: '2030-01-01T23:00:00Z' };
  const { error } = createCode.body.safeParse({ code: 'EARLY', kind: 'percentage', value: 5, ...dates });
  expect(error?.issues).toMatchObject([{ path: ['valid_until'], message: 'must be after valid_from' }]);
});

test('[BILL-07] the portal leads back only to a page of this installation, and the refusal names the field', async () => {
  const { organization_id } = await buyer();
  const call = { services, organization_id } as unknown as Call;
  await expect(openPortal(call, { return_url: 'https://evil.example/' })).rejects.toThrow(/^return_url: must be an/);
});

test('[BILL-14] a code says one month and one day as people do', async () => {
  const code = async (more: object) => {
    const made = { code: randomUUID().slice(0, 8).toUpperCase(), kind: 'full_bypass', grant_tier: 'pro', ...more };
    const call = { services, actor: { user_id: null } } as unknown as Call;
    await createPromoCode(call, createCode.body.parse(made));
    return (await validatePromoCode(call, made.code)).message;
  };
  expect(await code({ grant_duration_months: 1 })).toBe('The plan pro is free for 1 month.');
  expect(await code({ grant_duration_months: 2 })).toBe('The plan pro is free for 2 months.');
  expect(await code({ kind: 'trial_extension', value: 1 })).toMatch(/ begins with 1 day without/);
});

test('[BILL-07] [ORG-01] archiving cancels the plan at the end of its period; one that is paid afterwards ends too', async () => {
  const [who, late] = [await buyer(), await buyer()];
  const call = ({ organization_id }: Buyer) =>
    ({
      services: { ...services, workflows: {} },
      organization_id,
      actor: { user_id: randomUUID() },
    }) as unknown as Call;
  const { subscription } = stub.pay(await openPro(who));
  await syncSubscription(services, { ...who, subscription_id: subscription });
  await archiveOrganization(call(who));
  expect(stub.get(subscription)).toMatchObject({ status: 'active', cancel_at_period_end: true });
  expect(await planOf(who)).toEqual(['pro', true]);
  await store.identity.setArchived(who.organization_id, false, randomUUID());
  expect(stub.get(subscription)).toMatchObject({ cancel_at_period_end: true });

  const open = await openPro(late);
  await archiveOrganization(call(late));
  const from = stub.events.length;
  const paid = stub.pay(open);
  for (const event of stub.events.slice(from)) await take(event);
  expect(stub.get(paid.subscription)).toMatchObject({ cancel_at_period_end: true });
  expect(await planOf(late)).toEqual(['pro', true]);
});

test("[BILL-02] after a canceled plan the month is the calendar's, and its free workflows are not had twice", async () => {
  const who = await buyer();
  const { organization_id } = who;
  const from = stub.events.length;
  const deliver = async () => {
    for (const event of stub.events.slice(from)) await take(event);
  };
  const account = () => store.billing.account(organization_id);
  const work = () => ({ organization_id, project_id: null, spec_id: randomUUID() });
  const isFree = (await account()).free_workflows;
  await store.billing.reserve(work());
  const left = (await account()).free_workflows;
  const { subscription } = stub.pay(await openPro(who));
  await deliver();
  const [row] = await store.subscriptions.list(organization_id);
  expect((await account()).resets_at).toEqual(row?.period_end);
  await payments.changeSubscription(subscription, { kind: 'cancel', at_period_end: false });
  await deliver();
  expect((await account()).resets_at.getTime()).toBe(nextMonth(Date.now()));
  expect(await account()).toMatchObject({ plan: 'free', free_workflows: left });
  expect(isFree - left).toBe(1);
});

test('[BILL-06] a payment that has added credit adds no other amount, and the refusal names the first', async () => {
  const { organization_id } = await buyer();
  await store.billing.addCredit(organization_id, 1000, 'invoice 7');
  await store.billing.addCredit(organization_id, 1000, 'invoice 7');
  await expect(store.billing.addCredit(organization_id, 2500, 'invoice 7')).rejects.toMatchObject({
    code: 'conflict',
    message: 'The payment invoice 7 has added $10.00 already, so it cannot add $25.00. Name another payment.',
  });
  expect(await store.billing.account(organization_id)).toMatchObject({ credit_cents: 1000 });
});
