import { stripePayments } from '#activities/adapters/payments/stripe.ts';
import type { Payments } from '#activities/ports/payments.ts';
import { stripeSchema } from '#activities/services/config-stripe.ts';

/** The adapter of Stripe, pointed at a server of the test's own. */
export const createPayments = (url: string, more: object = {}): Payments =>
  stripePayments(stripeSchema.parse({ api_key: 'sk_test_123', api_base: url, ...more })) as Payments;
