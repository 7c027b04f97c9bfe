import Stripe from 'stripe';
import type { Charge, ChargeResult, Payments } from '../../ports/payments.ts';
import { asking, idOf, keyOf } from './stripe-client.ts';

const noCard: ChargeResult = {
  payment_intent_id: null,
  status: 'failed',
  failure: 'There is no default card. Add one on the billing page.',
};
const changed: ChargeResult = {
  payment_intent_id: null,
  status: 'failed',
  failure: 'The card was changed while the payment was tried, so nothing was taken.',
};

function resultOf(intent: Stripe.PaymentIntent): ChargeResult {
  const { id, status } = intent;
  if (status === 'succeeded') return { payment_intent_id: id, status: 'succeeded', failure: null };
  if (status === 'processing') return { payment_intent_id: id, status: 'pending', failure: null };
  const failure = intent.last_payment_error?.message ?? 'The payment was not completed.';
  return { payment_intent_id: id, status: 'failed', failure };
}

export function charges(stripe: Stripe): Pick<Payments, 'charge' | 'payment' | 'refund'> {
  /**
   * The payment of an earlier call with the same `payment_id`. Stripe forgets keys after a day, and refuses one whose
   * request has changed since, which a new default card does.
   */
  const earlier = async ({ customer_id, metadata }: Charge) => {
    const { data } = await stripe.paymentIntents.list({ customer: customer_id, limit: 100 });
    return data.find((intent) => intent.metadata.payment_id === metadata.payment_id);
  };
  const afterRefusal = async (charge: Charge): Promise<ChargeResult> => {
    const found = await earlier(charge);
    return found ? resultOf(found) : changed;
  };
  return {
    charge: (charge) =>
      asking(async () => {
        const found = await earlier(charge);
        if (found) return resultOf(found);
        const customer = await stripe.customers.retrieve(charge.customer_id);
        const card = customer.deleted ? null : idOf(customer.invoice_settings.default_payment_method);
        if (!card) return noCard;
        try {
          return resultOf(
            await stripe.paymentIntents.create(
              {
                customer: charge.customer_id,
                payment_method: card,
                amount: charge.amount_cents,
                currency: 'usd',
                description: charge.description,
                metadata: charge.metadata,
                confirm: true,
                off_session: true,
                error_on_requires_action: true,
              },
              { idempotencyKey: charge.key },
            ),
          );
        } catch (error) {
          if (error instanceof Stripe.errors.StripeCardError) {
            const id = error.payment_intent?.id ?? null;
            return { payment_intent_id: id, status: 'failed', failure: error.message };
          }
          if (error instanceof Stripe.errors.StripeIdempotencyError && error.statusCode === 400)
            return afterRefusal(charge);
          throw error;
        }
      }),

    refund: (id) =>
      asking(async () => {
        try {
          await stripe.refunds.create(
            { payment_intent: id, reason: 'duplicate' },
            { idempotencyKey: keyOf('refund', id) },
          );
        } catch (error) {
          const known = error instanceof Stripe.errors.StripeInvalidRequestError;
          if (!known || error.code !== 'charge_already_refunded') throw error;
        }
      }),

    payment: (id) =>
      asking(async () => {
        const intent = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
        const { latest_charge: charge } = intent;
        return {
          ...resultOf(intent),
          customer_id: idOf(intent.customer),
          metadata: intent.metadata,
          amount_cents: intent.amount,
          refunded_cents: charge && typeof charge === 'object' ? charge.amount_refunded : 0,
        };
      }),
  };
}
