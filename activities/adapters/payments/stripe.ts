import type { Payments } from '../../ports/payments.ts';
import type { StripeSettings } from '../../services/config-stripe.ts';
import { charges } from './stripe-charges.ts';
import { checkouts } from './stripe-checkout.ts';
import { stripeClient } from './stripe-client.ts';
import { customers } from './stripe-customers.ts';
import { events } from './stripe-events.ts';
import { prices } from './stripe-prices.ts';
import { subscriptions } from './stripe-subscriptions.ts';

/** Stripe, if its key is set. */
export function stripePayments(settings: StripeSettings): Payments | undefined {
  if (!settings.api_key) return undefined;
  const stripe = stripeClient(settings, settings.api_key);
  const priced = prices(stripe, settings);
  return {
    ...charges(stripe),
    ...customers(stripe),
    ...checkouts(stripe, priced),
    ...subscriptions(stripe, priced),
    ...events(stripe, settings.webhook_secret),
    syncPrices: priced.syncPrices,
  };
}
