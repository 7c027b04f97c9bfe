import type { PlanPrice, SubscriptionOrder } from '#activities/ports/payments.ts';
import { mailPayers } from '#activities/ports/mail-payers.ts';
import type { Services } from '#activities/ports/services.ts';
import type { StripeEvent, StripeSubscription } from '#prisma/store/subscriptions.ts';
import type { PromoCode } from '#prisma/store/promo-codes.ts';
import { billingRules, planNamed, type Plans } from '#workflows/domain/billing/plans.ts';
import { fitsTier } from '#workflows/domain/billing/promo-codes.ts';
import {
  isInForce,
  isOperatorsPlan,
  rankOf,
  type subscriptionSources,
  type SubscriptionStatus,
} from '#workflows/domain/billing/subscriptions.ts';
import { AppError, present } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';
import { customerOf, paymentsOf, returnPages, untilWritten } from './customer.ts';
import { deterministicId } from '../http/tokens.ts';
import { giveBackSubscription } from './paid-twice.ts';
import { iso } from './views.ts';

type Rows = Awaited<ReturnType<Services['store']['subscriptions']['list']>>;
type Pages = { success_url?: string; cancel_url?: string };

/** The subscription that people mean: the best in force, else the newest that has not ended, else the newest. */
function mainOf(rows: Rows) {
  const now = new Date();
  const [best] = rows.filter((row) => isInForce(row, now)).sort((a, b) => rankOf(b.tier) - rankOf(a.tier));
  return best ?? rows.find(({ status }) => status !== 'canceled') ?? rows[0] ?? null;
}

export async function getSubscription({ services, organization_id }: Call) {
  const { plan } = await services.store.billing.account(organization_id);
  const row = mainOf(await services.store.subscriptions.list(organization_id));
  return {
    tier: plan,
    subscription: row && {
      id: row.id,
      source: row.source as (typeof subscriptionSources)[number],
      tier: row.tier,
      // A subscription that ends begins no other plan, unless it is reactivated.
      next_tier: row.cancel_at_period_end || row.status === 'canceled' ? null : row.next_tier,
      status: row.status as SubscriptionStatus,
      cancel_at_period_end: row.cancel_at_period_end,
      period_start: iso(row.period_start),
      period_end: iso(row.period_end),
      created_at: row.created_at.toISOString(),
    },
  };
}

/** Mails the end of a subscription that is in force here, once, before it is written: a crash between loses no mail. */
async function mailEnd(
  services: Services,
  { organization_id, subscription_id }: { organization_id: string; subscription_id: string },
): Promise<void> {
  const rows = await services.store.subscriptions.list(organization_id);
  const row = rows.find(({ stripe_subscription_id: id }) => id === subscription_id);
  if (!row || !isInForce(row, new Date())) return;
  const { label } = planNamed(billingRules(services.config.billing), row.tier);
  const id = (to: string) => deterministicId(`subscription-ended:${subscription_id}:${to}`);
  await mailPayers(services, organization_id, id, ({ organization, page }) => ({
    subject: `${organization}: the plan ${label} has ended`,
    text: `The subscription ${label} of ${organization} is canceled and not paid again. Work that runs goes on; new work takes another plan, the free workflows or credit. Plans are here:\n\n${page}`,
  }));
}

/** Writes a subscription as it stands at Stripe, or gives back a second one. `paid`: an invoice of Stripe for a period of it. */
export const syncSubscription = (
  services: Services,
  input: { organization_id: string; subscription_id: string; paid?: { invoice_id: string } },
  event?: StripeEvent,
) =>
  untilWritten(async () => {
    const { organization_id, subscription_id, paid } = input;
    const version = await services.store.subscriptions.versionOf(subscription_id);
    const { customer_id: _customer, is_scheduled, ...facts } = await paymentsOf(services).subscription(subscription_id);
    if (facts.status === 'canceled') await mailEnd(services, input);
    const applied = await services.store.subscriptions.apply(
      { organization_id, version, facts, ...(paid ? { paid } : {}) },
      event,
    );
    if (applied === 'done' && !is_scheduled) await scheduleNext(services, facts);
    if (applied !== 'second') return applied;
    await giveBackSubscription(services, { organization_id, subscription_id }, event);
    return 'done';
  });

/** Schedules the plan of a downgrade, whose schedule another order has released. A canceled subscription has none. */
async function scheduleNext(services: Services, { id, next_tier, status, cancel_at_period_end }: StripeSubscription) {
  if (next_tier === null || cancel_at_period_end || ['canceled', 'incomplete'].includes(status)) return;
  await paymentsOf(services).schedule(id, planForSale(services, next_tier, 'month'));
}

/** A plan that people can buy. @throws invalid_rule for any other. */
function planForSale({ config }: Services, tier: string, interval: 'month' | 'once'): PlanPrice {
  const { plans } = billingRules(config.billing);
  const plan = Object.hasOwn(plans, tier) ? plans[tier as keyof Plans] : undefined;
  if (plan?.for_sale && plan.price_cents !== null && plan.interval === interval)
    return { tier, label: plan.label, price_cents: plan.price_cents, interval };
  const names = Object.entries(plans).filter(([, one]) => one.for_sale && one.interval === interval);
  throw new AppError('invalid_rule', `tier: must be one of ${names.map(([name]) => name).join(', ')}.`);
}

/** What the first redeemed code that fits takes off this plan. */
async function promoFor({ services, organization_id }: Call, { tier, interval }: PlanPrice) {
  const fits = ({ kind }: PromoCode) => kind !== 'trial_extension' || interval === 'month';
  const waiting = await services.store.promoCodes.waiting(organization_id);
  const promo = waiting.find((code) => fitsTier(code, tier) && fits(code));
  if (!promo) return {};
  const { code, kind } = promo;
  const value = present(promo.value, 'the value of the code');
  if (kind === 'trial_extension') return { promo: { code, coupon_id: null, trial_days: value } };
  const off = kind === 'percentage' ? { percent: value } : { cents: value };
  const coupon_id = await paymentsOf(services).coupon({ organization_id, code, off });
  return { promo: { code, coupon_id, trial_days: null } };
}

async function checkout(call: Call, plan: PlanPrice, pages: Pages) {
  const addresses = returnPages(call, pages);
  const session = await paymentsOf(call.services).checkout({
    customer_id: await customerOf(call),
    organization_id: call.organization_id,
    purchase: { kind: 'plan', plan },
    ...(await promoFor(call, plan)),
    ...addresses,
  });
  return { checkout_url: session.url, session_id: session.id };
}

const rule = (message: string) => new AppError('invalid_rule', message);

/** @throws invalid_rule where an organization has as much without a payment, or could start nothing with what it pays. */
async function requireUse({ services, organization_id }: Call, ofPlan: string): Promise<Rows> {
  const { plan, status } = await services.store.billing.account(organization_id);
  if (status === 'suspended')
    throw rule(
      'The account is suspended because an invoice is unpaid, and a plan pays no earlier invoice. Pay the invoice first.',
    );
  if (isOperatorsPlan(plan)) throw rule(`The operator gave this organization the plan ${plan}, which is more.`);
  const rows = await services.store.subscriptions.list(organization_id);
  const had = rows.filter((row) => row.source !== 'stripe' && isInForce(row, new Date()));
  if (had.some(({ source }) => source === 'lifetime'))
    throw rule('This organization has a plan for life, beside which no other is paid.');
  const grant = had.find(({ tier }) => rankOf(tier) >= rankOf(ofPlan));
  if (grant) {
    const until = iso(grant.period_end);
    throw rule(
      `This organization has the plan ${grant.tier} ${until ? `until ${until}` : 'for life'} free of charge, which is as much or more.${until ? ' Pay for one afterwards.' : ''}`,
    );
  }
  return rows;
}

/** @throws invalid_rule where a purchase would be paid twice, or give less than there is. */
async function requireFree(call: Call, ofPlan: string): Promise<void> {
  const rows = await requireUse(call, ofPlan);
  const paid = rows.find(({ source, status }) => source === 'stripe' && !['canceled', 'incomplete'].includes(status));
  if (paid && !(ofPlan === 'lifetime' && paid.cancel_at_period_end))
    throw rule(
      ofPlan === 'lifetime'
        ? `The subscription ${paid.tier} is active. Cancel it first, then buy the plan for life.`
        : `The subscription ${paid.tier} is ${paid.status}. Upgrade, downgrade or resume it instead.`,
    );
}

export async function subscribe(call: Call, { tier, ...pages }: Pages & { tier: string }) {
  paymentsOf(call.services);
  const plan = planForSale(call.services, tier, 'month');
  await requireFree(call, tier);
  return checkout(call, plan, pages);
}

export async function buyLifetime(call: Call, pages: Pages) {
  paymentsOf(call.services);
  const plan = planForSale(call.services, 'lifetime', 'once');
  await requireFree(call, 'lifetime');
  return checkout(call, plan, pages);
}

/** Changes the subscription at Stripe, then writes what Stripe made of it. */
async function change(call: Call, orderFor: (row: Rows[number]) => SubscriptionOrder | Promise<SubscriptionOrder>) {
  const { services, organization_id } = call;
  const payments = paymentsOf(services);
  const rows = await services.store.subscriptions.list(organization_id);
  const row = mainOf(rows.filter(({ source, status }) => source === 'stripe' && status !== 'canceled'));
  const id = row?.stripe_subscription_id;
  if (!row || !id) throw new AppError('invalid_rule', 'This organization has no subscription. Subscribe first.');
  const order = await orderFor(row);
  const sync = () => syncSubscription(services, { organization_id, subscription_id: id });
  try {
    await payments.changeSubscription(id, order);
  } catch (error) {
    // What the order did before it failed is mended at once, or with the next event.
    await sync().catch(() => undefined);
    throw error;
  }
  await sync();
  return getSubscription(call);
}

/** Ends every subscription at Stripe that would be paid again. One that is not paid yet (incomplete) has not begun. */
export async function endSubscriptions(services: Services, organization_id: string): Promise<void> {
  for (const row of await services.store.subscriptions.list(organization_id)) {
    const { stripe_subscription_id: id, status, cancel_at_period_end: ends } = row;
    if (!id || ends || ['canceled', 'incomplete'].includes(status)) continue;
    await paymentsOf(services).changeSubscription(id, { kind: 'cancel', at_period_end: true });
    await syncSubscription(services, { organization_id, subscription_id: id });
  }
}

export const cancelSubscription = (call: Call, at_period_end: boolean) =>
  change(call, () => ({ kind: 'cancel', at_period_end }));

export const reactivateSubscription = (call: Call) =>
  change(call, async ({ tier, next_tier, cancel_at_period_end }) => {
    await requireUse(call, tier);
    if (cancel_at_period_end) return { kind: 'reactivate' };
    if (next_tier) return { kind: 'keep' };
    throw rule('The subscription is not about to end or to be downgraded, so there is nothing to take back.');
  });

export const upgradeSubscription = (call: Call, tier: string) =>
  change(call, async (row) => {
    await requireUse(call, tier);
    if (rankOf(tier) <= rankOf(row.tier)) throw rule(`tier: ${tier} is not higher than ${row.tier}.`);
    if (row.status === 'paused') throw rule('The subscription is paused. Resume it first.');
    return { kind: 'upgrade', plan: planForSale(call.services, tier, 'month') };
  });

export const downgradeSubscription = (call: Call, tier: string) =>
  change(call, (row) => {
    if (rankOf(tier) >= rankOf(row.tier)) throw rule(`tier: ${tier} is not lower than ${row.tier}.`);
    if (row.cancel_at_period_end) throw rule('The subscription is about to end. Reactivate it first.');
    if (row.status === 'paused') throw rule('The subscription is paused. Resume it first.');
    return { kind: 'downgrade', plan: planForSale(call.services, tier, 'month') };
  });

export const pauseSubscription = (call: Call) =>
  change(call, ({ status }) => {
    if (status === 'paused') throw rule('The subscription is paused already.');
    return { kind: 'pause' };
  });

export const resumeSubscription = (call: Call) =>
  change(call, async ({ tier, status }) => {
    await requireUse(call, tier);
    if (status !== 'paused') throw rule('The subscription is not paused.');
    return { kind: 'resume' };
  });
