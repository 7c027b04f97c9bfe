import Stripe from 'stripe';
import { present } from '#workflows/domain/errors.ts';
import type { Checkout, Payments } from '../../ports/payments.ts';
import { asking, idOf, isKnown, keyOf } from './stripe-client.ts';
import type { Prices } from './stripe-prices.ts';

async function itemsOf({ purchase }: Checkout, { priceOf }: Prices) {
  if (purchase.kind === 'plan') return [{ price: await priceOf(purchase.plan), quantity: 1 }];
  const product_data = { name: 'OmoiOS credit' };
  return [{ quantity: 1, price_data: { currency: 'usd', unit_amount: purchase.amount_cents, product_data } }];
}

/** What our events know a purchase by. The customer says whose it is. */
function metadataOf({ organization_id, purchase, promo }: Checkout): Record<string, string> {
  const code: Record<string, string> = promo ? { promo_code: promo.code } : {};
  if (purchase.kind === 'plan') return { organization_id, purchase: 'plan', tier: purchase.plan.tier, ...code };
  const usd = String(purchase.amount_cents / 100);
  return { organization_id, purchase: 'credit_purchase', credit_amount_usd: usd };
}

async function paramsOf(checkout: Checkout, prices: Prices): Promise<Stripe.Checkout.SessionCreateParams> {
  const { purchase, promo, customer_id, success_url, cancel_url } = checkout;
  const metadata = metadataOf(checkout);
  const renewed = purchase.kind === 'plan' && purchase.plan.interval === 'month';
  const trial = promo?.trial_days ? { trial_period_days: promo.trial_days } : {};
  return {
    customer: customer_id,
    line_items: await itemsOf(checkout, prices),
    success_url,
    cancel_url,
    metadata,
    ...(promo?.coupon_id ? { discounts: [{ coupon: promo.coupon_id }] } : {}),
    ...(renewed
      ? { mode: 'subscription', subscription_data: { metadata, ...trial } }
      : { mode: 'payment', payment_intent_data: { metadata } }),
  };
}

export function checkouts(stripe: Stripe, prices: Prices): Pick<Payments, 'checkout' | 'session' | 'coupon'> {
  /** Closes the pages for a plan that were opened before this one. Of two that are opened at once, the newer one stays. */
  async function closeEarlier(customer: string, id: string): Promise<void> {
    const { data } = await stripe.checkout.sessions.list({ customer, status: 'open', limit: 20 });
    const plans = data.filter((session) => session.metadata?.purchase === 'plan').map((session) => session.id);
    for (const earlier of plans.slice(plans.indexOf(id) + 1))
      await stripe.checkout.sessions.expire(earlier).catch((error: unknown) => {
        // It was paid or has ended meanwhile.
        if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      });
  }
  return {
    checkout: (checkout) =>
      asking(async () => {
        const params = await paramsOf(checkout, prices);
        const request = keyOf('checkout', params);
        const { data } = await stripe.checkout.sessions.list({ customer: checkout.customer_id, limit: 20 });
        const open = data.find(
          ({ status, metadata, url }) => status === 'open' && url && metadata?.request === request,
        );
        const session =
          open ??
          // Two clicks at once see the same newest session, so they make one. After its end the next makes another.
          (await stripe.checkout.sessions.create(
            { ...params, metadata: { ...params.metadata, request } },
            { idempotencyKey: keyOf(request, data[0]?.id ?? 'first') },
          ));
        if (checkout.purchase.kind === 'plan') await closeEarlier(checkout.customer_id, session.id);
        return { id: session.id, url: present(session.url, 'the address of the page of payment') };
      }),

    session: (id) =>
      asking(async () => {
        const session = await stripe.checkout.sessions.retrieve(id);
        return {
          customer_id: idOf(session.customer),
          is_paid: session.status === 'complete' && session.payment_status !== 'unpaid',
          payment_intent_id: idOf(session.payment_intent),
          subscription_id: idOf(session.subscription),
          metadata: session.metadata ?? {},
        };
      }),

    coupon: ({ organization_id, code, off }) =>
      asking(async () => {
        const id = `omoios_${keyOf(organization_id, code)}`;
        const amount = 'percent' in off ? { percent_off: off.percent } : { amount_off: off.cents, currency: 'usd' };
        const metadata = { organization_id, code };
        try {
          await stripe.coupons.create({ id, name: code, duration: 'once', max_redemptions: 1, metadata, ...amount });
        } catch (error) {
          if (!isKnown(error)) throw error;
        }
        return id;
      }),
  };
}
