import type Stripe from 'stripe';
import type { StripeSettings } from '../../services/config-stripe.ts';
import type { Payments, PlanPrice, PriceReport } from '../../ports/payments.ts';
import { asking, idOf, isKnown, keyOf } from './stripe-client.ts';

/** The prices that the settings name, by plan. */
const named = (settings: StripeSettings): Record<string, string | undefined> => ({
  pro: settings.pro_price_id,
  team: settings.team_price_id,
  lifetime: settings.lifetime_price_id,
  byo: settings.byo_price_id,
});

/** Another amount is another price: those who pay the old one go on with it. */
const lookupKey = ({ tier, price_cents, interval }: PlanPrice) => `omoios_${tier}_${price_cents}_${interval}`;

function differenceOf(price: Stripe.Price, { price_cents, interval }: PlanPrice): string | null {
  const problems = [
    price.active ? '' : 'it is not active',
    price.currency === 'usd' ? '' : `its currency is ${price.currency}`,
    price.unit_amount === price_cents ? '' : `it costs ${price.unit_amount} cents instead of ${price_cents}`,
    (price.recurring?.interval ?? 'once') === interval ? '' : `it is paid ${price.recurring?.interval ?? 'once'}`,
    (price.recurring?.interval_count ?? 1) === 1 ? '' : `it is for ${price.recurring?.interval_count} months`,
  ].filter(Boolean);
  return problems.length > 0 ? problems.join(', ') : null;
}

export interface Prices extends Pick<Payments, 'syncPrices'> {
  /** The id of a plan's price. The settings name it, or it follows from the table of plans. */
  priceOf(plan: PlanPrice): Promise<string>;
  /** The plan of a price; null for one that is not ours. */
  tierOf(price: string | Stripe.Price | Stripe.DeletedPrice): string | null;
}

export function prices(stripe: Stripe, settings: StripeSettings): Prices {
  const ids = named(settings);

  async function findOrCreate(plan: PlanPrice): Promise<{ price: Stripe.Price; created: boolean }> {
    const { tier, label, price_cents, interval } = plan;
    const lookup_key = lookupKey(plan);
    const [known] = (await stripe.prices.list({ lookup_keys: [lookup_key], active: true })).data;
    if (known) return { price: known, created: false };
    const product = `omoios_${tier}`;
    try {
      await stripe.products.create({ id: product, name: `OmoiOS ${label}`, metadata: { tier } });
    } catch (error) {
      if (!isKnown(error)) throw error;
    }
    const params = {
      product,
      lookup_key,
      currency: 'usd',
      unit_amount: price_cents,
      metadata: { tier },
      ...(interval === 'month' ? { recurring: { interval: 'month' as const } } : {}),
    };
    return { price: await stripe.prices.create(params, { idempotencyKey: keyOf('price', params) }), created: true };
  }

  async function report(plan: PlanPrice): Promise<PriceReport> {
    const { tier } = plan;
    const id = ids[tier];
    if (!id) {
      const { price, created } = await findOrCreate(plan);
      const difference = differenceOf(price, plan);
      return { tier, price_id: price.id, state: difference ? 'differs' : created ? 'created' : 'there', difference };
    }
    const difference = differenceOf(await stripe.prices.retrieve(id), plan);
    return { tier, price_id: id, state: difference ? 'differs' : 'there', difference };
  }

  return {
    priceOf: async (plan) => ids[plan.tier] ?? (await findOrCreate(plan)).price.id,
    tierOf: (price) => {
      const id = idOf(price);
      const [tier] = Object.entries(ids).find(([, known]) => known === id) ?? [];
      if (tier) return tier;
      return typeof price === 'object' && !price.deleted ? (price.metadata.tier ?? null) : null;
    },
    syncPrices: (plans) =>
      asking(async () => {
        const reports: PriceReport[] = [];
        for (const plan of plans) reports.push(await report(plan));
        return reports;
      }),
  };
}
