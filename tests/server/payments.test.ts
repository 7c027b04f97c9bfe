import { randomUUID } from 'node:crypto';
import { mailPayers } from '#activities/ports/mail-payers.ts';
import type { Services } from '#activities/ports/services.ts';
import { setBudget } from '#server/contracts/budgets.ts';
import { createPromoCode as createCode } from '#server/contracts/promo-codes.ts';
import type { Call } from '#server/http/context.ts';
import { archiveOrganization } from '#server/usecases/organizations.ts';
import { openPortal } from '#server/usecases/payments.ts';
import { createPromoCode, validatePromoCode } from '#server/usecases/promo-codes.ts';
import { syncSubscription } from '#server/usecases/subscriptions.ts';
import { openShop } from '#tests/support/shop.ts';
import { nextMonth } from '#workflows/domain/billing/account.ts';
import { present } from '#workflows/domain/errors.ts';

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

test('[BILL-17] an amount with more decimals than are stored is refused at its field, and is not rounded', () => {
  const { error } = setBudget.body.safeParse({ scope_type: 'global', limit_amount: 0.0100005 });
  expect(error?.issues).toMatchObject([{ path: ['limit_amount'], message: 'must have at most 6 decimals' }]);
  for (const limit_amount of [0.1 + 0.2, 0.7, 1.000001, 9_999_999.99])
    expect(setBudget.body.safeParse({ scope_type: 'global', limit_amount })).toMatchObject({ success: true });
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

test('[BILL-13] mails about money reach who may do most about it, and the operator hears where they reach nobody', async () => {
  const { organization_id } = await buyer();
  const { identity } = store;
  const roles = Object.fromEntries((await identity.roles(organization_id)).map(({ name, id }) => [name, id]));
  const { owner_id } = await identity.organization(organization_id);
  const people: Record<string, string> = {};
  for (const role of ['viewer', 'admin']) {
    const { id, email } = await identity.createUser({ email: `${randomUUID()}@example.test`, hashed_password: null });
    await identity.addMember(organization_id, { user_id: id }, roles[role] ?? '', owner_id);
    people[role] = email;
  }
  const addresses = async () => (await store.billing.recipients(organization_id)).addresses;
  const owner = (await identity.userById(owner_id))?.email;
  expect(await addresses()).toEqual([owner]);
  await identity.setActive(owner_id, false, { by: 'admin' });
  expect(await addresses()).toEqual([people.admin]);
  const admin = await identity.userByEmail(people.admin ?? '');
  await identity.setActive(admin?.id ?? '', false, { by: 'admin' });
  expect(await addresses()).toEqual([]);
  const errors: object[] = [];
  const log = { ...services.log, error: (data: object) => errors.push(data) };
  await mailPayers({ ...services, log } as unknown as Services, organization_id, String, () => ({
    subject: '',
    text: '',
  }));
  expect(errors).toEqual([{ organization_id }]);
});

test('[ORG-01] [BILL-03] a person owns only so many organizations on the plan free, of which each has free workflows', async () => {
  const owner_id = (await store.identity.createUser({ email: `${randomUUID()}@example.test`, hashed_password: null }))
    .id;
  const create = () => store.identity.createOrganization({ name: 'Free', slug: randomUUID(), owner_id });
  const made = await Promise.allSettled(Array.from({ length: 5 }, create));
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const { items } = await store.identity.organizations(
    made.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : [])),
    { limit: 5 },
  );
  const first = present(items[0], 'an organization');
  await store.identity.setArchived(first.id, true, owner_id);
  await expect(create()).rejects.toMatchObject({
    code: 'invalid_rule',
    message: expect.stringMatching(
      /^A person may have created 3 organizations on the plan Free, .* Subscribe to a plan/,
    ) as string,
  });
  await store.identity.setArchived(first.id, false, owner_id);
  // One that pays does not count.
  const customer_id = await payments.createCustomer({ id: first.id, name: 'Free', email: null });
  await store.payments.setCustomer(first.id, customer_id);
  const pages = { success_url: 'http://localhost/ok', cancel_url: 'http://localhost/no' };
  const { subscription } = stub.pay(await openPro({ organization_id: first.id, customer_id, ...pages }));
  await syncSubscription(services, { organization_id: first.id, subscription_id: subscription });
  const fourth = await create();
  await expect(create()).rejects.toMatchObject({ code: 'invalid_rule' });
  await store.identity.updateOrganization(fourth.id, { name: 'Named', description: null }, owner_id);
  await store.identity.updateOrganization(fourth.id, { name: 'Named' }, owner_id);
  const events = await store.events.after(fourth.id, 0, 10, { types: ['organization.updated'] });
  expect(events.map(({ data }) => data)).toEqual([{ by: owner_id, fields: ['name'] }]);
});
