import { billingRules } from '#workflows/domain/billing/plans.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { PriceReport } from '../ports/payments.ts';
import { loadConfig } from './config.ts';

/** Creates the prices at Stripe of the plans that people can buy, and compares those that are there. */
export async function syncPlans(): Promise<PriceReport[]> {
  const config = loadConfig();
  const { stripePayments } = await import('../adapters/payments/stripe.ts');
  const payments = stripePayments(config.stripe);
  if (!payments)
    throw new AppError('invalid_rule', 'STRIPE_API_KEY is not set. Set it to the key of your account at Stripe.');
  const { plans } = billingRules(config.billing);
  const sold = Object.entries(plans).flatMap(([tier, { label, price_cents, interval, for_sale }]) =>
    for_sale && price_cents !== null ? [{ tier, label, price_cents, interval }] : [],
  );
  return payments.syncPrices(sold);
}
