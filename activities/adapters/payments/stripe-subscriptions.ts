import type Stripe from 'stripe';
import { present } from '#workflows/domain/errors.ts';
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
): Pick<Payments, 'subscription' | 'subscriptionPayments' | 'changeSubscription' | 'invoices' | 'invoice'> {
  const read = (id: string) =>
    stripe.subscriptions.retrieve(id, { expand: ['schedule', 'schedule.phases.items.price'] });

  /** A schedule owns its subscription: every other change needs it gone. */
  async function released(id: string): Promise<Stripe.Subscription> {
    const subscription = await read(id);
    const { schedule } = subscription;
    if (schedule && typeof schedule === 'object' && ['active', 'not_started'].includes(schedule.status))
      await stripe.subscriptionSchedules.release(schedule.id);
    return subscription;
  }

  return {
    subscription: (id) =>
      asking(async () => {
        const subscription = await read(id);
        const item = itemOf(subscription);
        const next = nextPrice(subscription);
        const tier = prices.tierOf(item.price) ?? subscription.metadata.tier ?? 'free';
        const next_tier = next && prices.tierOf(next);
        const status = statuses[subscription.status] ?? 'incomplete';
        return {
          id,
          customer_id: present(idOf(subscription.customer), 'the customer of the subscription'),
          tier,
          next_tier: next_tier === tier ? null : next_tier,
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
        const subscription = await released(id);
        if (order.kind === 'cancel' && !order.at_period_end) await stripe.subscriptions.cancel(id);
        else if (order.kind === 'cancel') await stripe.subscriptions.update(id, { cancel_at_period_end: true });
        else if (order.kind === 'reactivate')
          await stripe.subscriptions.update(
            id,
            subscription.cancel_at_period_end ? { cancel_at_period_end: false } : { cancel_at: '' },
          );
        else if (order.kind === 'pause')
          await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
        else if (order.kind === 'resume' && subscription.status === 'paused') await stripe.subscriptions.resume(id);
        else if (order.kind === 'resume') await stripe.subscriptions.update(id, { pause_collection: '' });
        else {
          const price = await prices.priceOf(order.plan);
          const { id: item, price: present_price, current_period_start, current_period_end } = itemOf(subscription);
          if (order.kind === 'upgrade') {
            await stripe.subscriptions.update(id, {
              items: [{ id: item, price }],
              metadata: { tier: order.plan.tier },
              cancel_at_period_end: false,
              proration_behavior: 'always_invoice',
              payment_behavior: 'error_if_incomplete',
            });
            return;
          }
          const { id: schedule, phases } = await stripe.subscriptionSchedules.create({ from_subscription: id });
          const [phase] = phases;
          const start_date = phase?.start_date ?? current_period_start;
          await stripe.subscriptionSchedules.update(schedule, {
            end_behavior: 'release',
            phases: [
              {
                start_date,
                end_date: phase?.end_date ?? current_period_end,
                items: [{ price: present_price.id, quantity: 1 }],
              },
              {
                items: [{ price, quantity: 1 }],
                duration: { interval: 'month', interval_count: 1 },
                metadata: { tier: order.plan.tier },
                proration_behavior: 'none',
              },
            ],
          });
        }
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
