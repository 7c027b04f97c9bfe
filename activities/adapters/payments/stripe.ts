import type { Payments } from '../../ports/payments.ts';
import type { StripeSettings } from '../../services/config-stripe.ts';
import { charges } from './stripe-charges.ts';
import { stripeClient } from './stripe-client.ts';

/** Stripe, if its key is set. */
export function stripePayments(settings: StripeSettings): Payments | undefined {
  if (!settings.api_key) return undefined;
  const stripe = stripeClient(settings, settings.api_key);
  return charges(stripe);
}
