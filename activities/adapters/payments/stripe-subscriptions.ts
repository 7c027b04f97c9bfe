import type Stripe from 'stripe';
import { AppError, present } from '#workflows/domain/errors.ts';
import type { Payments, SubscriptionFacts } from '../../ports/payments.ts';
import { asking, idOf, whileSomebodyWaits } from './stripe-client.ts';
import type { Prices } from './stripe-prices.ts';

/** `unpaid`: Stripe has given up, so the plan rests until the subscription is paid. */
const statuses: Record<string, SubscriptionFacts['status']> = {
  active: 'active',
  trialing: 'trialing',
  past_due: 'past_due',
  unpaid: 'paused',
  paused: 'paused',
  canceled: 'canceled',
  incomplete: 'incomplete',
  incomplete_expired: 'canceled',
};

/** Orders of one subscription against events that bring its schedule back. */
const mostTries = 3;

const dateOf = (seconds: number) => new Date(seconds * 1000);
const itemOf = (subscription: Stripe.Subscription) => present(subscription.items.data[0], 'the subscription’s price');

/** The price of the phase after the present one. */
function nextPrice({ schedule }: Stripe.Subscription) {
  if (!schedule || typeof schedule === 'string' || schedule.status !== 'active') return null;
  const from = schedule.current_phase?.end_date;
  return schedule.phases.find(({ start_date }) => start_date === from)?.items[0]?.price ?? null;
}

export function subscriptions(
  stripe: Stripe,
  prices: Prices,
): Pick<
  Payments,
  'subscription' | 'subscriptionPayments' | 'changeSubscription' | 'schedule' | 'invoices' | 'invoice'
> {
  const read = (id: string) =>
    stripe.subscriptions.retrieve(id, { expand: ['schedule', 'schedule.phases.items.price'] });

  const isScheduled = ({ schedule }: Stripe.Subscription) =>
    schedule !== null && typeof schedule === 'object' && ['active', 'not_started'].includes(schedule.status);

  /** The plan that was ordered from the period's end on. It is kept beside the schedule, which other orders release. */
  function nextTier(subscription: Stripe.Subscription): string | null {
    const next = nextPrice(subscription);
    return (next && prices.tierOf(next)) || subscription.metadata.next_tier || null;
  }

  /**
   * Changes a subscription. A schedule owns its subscription, so it is released first; the plan that it would begin stays
   * noted, and `schedule` brings it back.
   */
  async function update(id: string, fields: (subscription: Stripe.Subscription) => Stripe.SubscriptionUpdateParams) {
    for (let tries = 1; ; tries += 1) {
      const subscription = await read(id);
      const { schedule } = subscription;
      if (isScheduled(subscription))
        await stripe.subscriptionSchedules.release(present(idOf(schedule), 'the schedule'));
      const { metadata, ...changed } = fields(subscription);
      const kept = { next_tier: nextTier(subscription) ?? '', ...metadata };
      try {
        await stripe.subscriptions.update(id, { ...changed, metadata: kept });
        if (kept.next_tier !== '' || !isScheduled(await read(id))) return;
        if (tries === mostTries)
          throw new AppError('unavailable', 'Stripe has scheduled the plan of the downgrade again meanwhile.', {}, 2);
      } catch (error) {
        // An event that came meanwhile has brought the schedule back.
        if (tries === mostTries || !isScheduled(await read(id))) throw error;
      }
    }
  }

  /** The schedule of a subscription: there may be one by now. */
  async function scheduleOf(id: string): Promise<Stripe.SubscriptionSchedule> {
    const known = async () => {
      const { schedule } = await read(id);
      return schedule && typeof schedule === 'object' && schedule.status === 'active' ? schedule : null;
    };
    try {
      return (await known()) ?? (await stripe.subscriptionSchedules.create({ from_subscription: id }));
    } catch (error) {
      const made = await known();
      if (made) return made;
      throw error;
    }
  }

  return {
    subscription: (id) =>
      asking(async () => {
        const subscription = await read(id);
        const item = itemOf(subscription);
        const tier = prices.tierOf(item.price) ?? subscription.metadata.tier ?? 'free';
        const next_tier = nextTier(subscription);
        const status = statuses[subscription.status] ?? 'incomplete';
        return {
          id,
          customer_id: present(idOf(subscription.customer), 'the customer of the subscription'),
          tier,
          next_tier: next_tier === tier ? null : next_tier,
          is_scheduled: isScheduled(subscription),
          status: subscription.pause_collection && status !== 'canceled' ? 'paused' : status,
          // The provider's own page may write the end as a date.
          cancel_at_period_end: subscription.cancel_at_period_end || subscription.cancel_at !== null,
          period_start: dateOf(item.current_period_start),
          period_end: dateOf(item.current_period_end),
          promo_code: subscription.metadata.promo_code ?? null,
        };
      }),

    subscriptionPayments: (id) =>
      asking(async () => {
        const { data } = await stripe.invoices.list({
          subscription: id,
          status: 'paid',
          limit: 100,
          expand: ['data.payments'],
        });
        const paid = data.flatMap(({ payments }) => payments?.data ?? []).filter(({ status }) => status === 'paid');
        return paid.map(({ payment }) => idOf(payment.payment_intent)).filter((intent) => intent !== null);
      }),

    changeSubscription: (id, order) =>
      asking(async () => {
        if (order.kind === 'cancel' && !order.at_period_end) await stripe.subscriptions.cancel(id);
        else if (order.kind === 'cancel') await update(id, () => ({ cancel_at_period_end: true }));
        else if (order.kind === 'reactivate')
          await update(id, (now) => (now.cancel_at_period_end ? { cancel_at_period_end: false } : { cancel_at: '' }));
        else if (order.kind === 'pause') await update(id, () => ({ pause_collection: { behavior: 'void' } }));
        else if (order.kind === 'resume' && (await read(id)).status === 'paused') await stripe.subscriptions.resume(id);
        else if (order.kind === 'resume') await update(id, () => ({ pause_collection: '' }));
        else if (order.kind === 'keep') await update(id, () => ({ metadata: { next_tier: '' } }));
        else if (order.kind === 'downgrade') await update(id, () => ({ metadata: { next_tier: order.plan.tier } }));
        else {
          const price = await prices.priceOf(order.plan);
          await update(id, (now) => ({
            items: [{ id: itemOf(now).id, price }],
            metadata: { tier: order.plan.tier, next_tier: '' },
            cancel_at_period_end: false,
            proration_behavior: 'always_invoice',
            payment_behavior: 'error_if_incomplete',
          }));
        }
      }),

    schedule: (id, plan) =>
      asking(async () => {
        const price = await prices.priceOf(plan);
        const { id: schedule, phases } = await scheduleOf(id);
        const { price: present_price, current_period_start, current_period_end } = itemOf(await read(id));
        const [phase] = phases;
        await stripe.subscriptionSchedules.update(schedule, {
          end_behavior: 'release',
          phases: [
            {
              start_date: phase?.start_date ?? current_period_start,
              end_date: phase?.end_date ?? current_period_end,
              items: [{ price: present_price.id, quantity: 1 }],
            },
            {
              items: [{ price, quantity: 1 }],
              duration: { interval: 'month', interval_count: 1 },
              metadata: { tier: plan.tier, next_tier: '' },
              proration_behavior: 'none',
            },
          ],
        });
      }),

    invoices: (customerId, { limit, after }) =>
      asking(async () => {
        const { data, has_more } = await stripe.invoices.list(
          { customer: customerId, limit: Math.min(limit, 100), ...(after ? { starting_after: after } : {}) },
          whileSomebodyWaits,
        );
        const items = data.map(({ id, number, status, total, hosted_invoice_url, invoice_pdf, created }) => ({
          id: id,
          number,
          status: status ?? 'draft',
          total_cents: total,
          url: hosted_invoice_url ?? null,
          pdf_url: invoice_pdf ?? null,
          created_at: dateOf(created),
        }));
        return { items, has_more };
      }),

    invoice: (id) =>
      asking(async () => {
        const { parent, status, billing_reason } = await stripe.invoices.retrieve(id);
        return {
          subscription_id: idOf(parent?.subscription_details?.subscription),
          is_paid: status === 'paid',
          begins_period: ['subscription_create', 'subscription_cycle'].includes(billing_reason ?? ''),
        };
      }),
  };
}
