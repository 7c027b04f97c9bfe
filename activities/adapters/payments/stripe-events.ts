import type Stripe from 'stripe';
import { AppError } from '#workflows/domain/errors.ts';
import type { Payments } from '../../ports/payments.ts';

/** The fields that objects of events have in common, as far as they are read. */
interface EventObject {
  id?: string;
  object?: string;
  customer?: string | { id: string } | null;
  payment_intent?: string | { id: string } | null;
}

const text = (value: unknown): string | null =>
  typeof value === 'string' ? value : ((value as { id?: string } | null | undefined)?.id ?? null);

export const events = (stripe: Stripe, secret: string | undefined): Pick<Payments, 'event'> => ({
  event: (bytes, signature) => {
    if (!secret)
      throw new AppError('invalid_rule', 'STRIPE_WEBHOOK_SECRET is not set, so no event can be checked. Set it.');
    let event: Stripe.Event;
    try {
      event = stripe.webhooks.constructEvent(bytes, signature, secret);
    } catch {
      throw new AppError('invalid_rule', 'Stripe-Signature: the signature does not fit these bytes, or is too old.');
    }
    const { id, type, data } = (event ?? {}) as Partial<Stripe.Event>;
    const object = data?.object as EventObject | null | undefined;
    if (typeof id !== 'string' || typeof type !== 'string' || !object || typeof object !== 'object')
      throw new AppError('invalid_rule', 'The body is no event of Stripe: it needs id, type and data.object.');
    // A removed card no longer names its customer.
    const before = (event.data as { previous_attributes?: EventObject }).previous_attributes;
    return {
      id: event.id,
      type: event.type,
      object: {
        id: object.id ?? '',
        customer_id: object.object === 'customer' ? (object.id ?? null) : text(object.customer ?? before?.customer),
        payment_intent_id: object.object === 'payment_intent' ? (object.id ?? null) : text(object.payment_intent),
      },
    };
  },
});
