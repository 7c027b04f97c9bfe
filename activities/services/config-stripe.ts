import { z } from 'zod';
import { secret, text } from './config-values.ts';

/** Stripe takes payments where its key is set. Without one the ledger is kept, and nothing is charged. */
export const stripeSchema = z.strictObject({
  api_key: secret.optional(),
  /** Signs the events that Stripe sends to /api/v1/billing/webhooks/stripe. */
  webhook_secret: secret.optional(),
  /** Another address of the same interface. */
  api_base: z.url().default('https://api.stripe.com'),
  /** Prices at Stripe, as `omoios billing sync-plans` compares them. Unset: they follow from the table of plans. */
  pro_price_id: text.optional(),
  team_price_id: text.optional(),
  lifetime_price_id: text.optional(),
  byo_price_id: text.optional(),
});
export type StripeSettings = z.output<typeof stripeSchema>;

export const stripeNames: Record<string, string> = {
  STRIPE_API_KEY: 'stripe.api_key',
  STRIPE_WEBHOOK_SECRET: 'stripe.webhook_secret',
  STRIPE_API_BASE: 'stripe.api_base',
  STRIPE_PRO_PRICE_ID: 'stripe.pro_price_id',
  STRIPE_TEAM_PRICE_ID: 'stripe.team_price_id',
  STRIPE_LIFETIME_PRICE_ID: 'stripe.lifetime_price_id',
  STRIPE_BYO_PRICE_ID: 'stripe.byo_price_id',
};

/** Settings with which money would be taken and the platform would not hear of it. */
export function stripeProblems({ api_key, webhook_secret }: StripeSettings, production: boolean): string[] {
  if (webhook_secret && !api_key)
    return ['STRIPE_API_KEY: STRIPE_WEBHOOK_SECRET is set without it. Set the key, or remove the secret.'];
  if (production && api_key && !webhook_secret)
    return [
      'STRIPE_WEBHOOK_SECRET: payments take effect by the events of Stripe. Add an endpoint for PUBLIC_URL/api/v1/billing/webhooks/stripe at Stripe, and set its signing secret.',
    ];
  return [];
}
