import type { PaymentEvent, PaymentFacts } from '#activities/ports/payments.ts';
import type { Services } from '#activities/ports/services.ts';
import type { StripePayment } from '#prisma/store/payments.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { paymentsOf, syncCard, untilWritten } from './customer.ts';
import { reportPayment } from './invoices.ts';
import { giveBackPayment } from './paid-twice.ts';
import { endSubscriptions, syncSubscription } from './subscriptions.ts';

/*
 * An event only says that an object changed. What the object is now is read at Stripe, and written unless another write
 * came between. So events have the same effect in any order, and twice.
 */
type Effect = (services: Services, organizationId: string, event: PaymentEvent) => Promise<void>;

/** What a payment is for; null for one that Stripe made by itself, for an invoice of a subscription. */
function purposeOf({ metadata }: PaymentFacts): StripePayment['purpose'] | null {
  if (metadata.invoice_id) return 'invoice';
  if (metadata.purchase === 'credit_purchase') return 'credit';
  return metadata.purchase === 'plan' && metadata.tier === 'lifetime' ? 'lifetime' : null;
}

const payment: Effect = async (services, organization_id, event) => {
  const { payment_intent_id } = event.object;
  if (!payment_intent_id) return;
  await untilWritten(async () => {
    const before = await services.store.payments.stateOf(payment_intent_id);
    const facts = await paymentsOf(services).payment(payment_intent_id);
    const purpose = purposeOf(facts);
    if (!purpose) return 'done';
    const { status, failure, amount_cents, refunded_cents, metadata } = facts;
    if (purpose === 'lifetime' && status === 'succeeded' && refunded_cents < amount_cents) {
      const tier = await services.store.payments.planBeside(organization_id, payment_intent_id);
      if (tier !== null) {
        const cents = amount_cents - refunded_cents;
        await giveBackPayment(services, { organization_id, payment_intent_id, cents, tier });
        return 'changed';
      }
    }
    if (purpose === 'invoice') {
      await reportPayment(services, { organization_id, invoice_id: metadata.invoice_id ?? '', payment_intent_id });
      if (refunded_cents === 0) return 'done';
    }
    return services.store.payments.apply(
      {
        organization_id,
        paid: { payment_intent_id, purpose, status, failure, amount_cents, refunded_cents },
        before,
        promo_code: metadata.promo_code ?? null,
      },
      event,
    );
  });
};

const subscription: Effect = (services, organization_id, event) =>
  syncSubscription(services, { organization_id, subscription_id: event.object.id }, event);

const checkout: Effect = async (services, organization_id, event) => {
  const session = await paymentsOf(services).session(event.object.id);
  const { subscription_id, payment_intent_id, metadata, is_paid } = session;
  if (subscription_id) await syncSubscription(services, { organization_id, subscription_id }, event);
  else if (payment_intent_id)
    await payment(services, organization_id, { ...event, object: { ...event.object, payment_intent_id } });
  else if (is_paid && metadata.tier === 'lifetime')
    await services.store.payments.grantLifetime(organization_id, metadata.promo_code ?? null, event);
};

const invoice: Effect = async (services, organization_id, event) => {
  const { subscription_id, is_paid, begins_period } = await paymentsOf(services).invoice(event.object.id);
  if (!subscription_id) return;
  const paid = is_paid && begins_period ? { paid: { invoice_id: event.object.id } } : {};
  await syncSubscription(services, { organization_id, subscription_id, ...paid }, event);
};

const card: Effect = async (services, organization_id, event) => {
  const { customer_id } = event.object;
  if (customer_id) await syncCard(services, { organization_id, customer_id }, event);
};

const effects: Record<string, Effect | undefined> = {
  'checkout.session.completed': checkout,
  'checkout.session.async_payment_succeeded': checkout,
  'customer.subscription.created': subscription,
  'customer.subscription.updated': subscription,
  'customer.subscription.deleted': subscription,
  'customer.subscription.paused': subscription,
  'customer.subscription.resumed': subscription,
  'invoice.paid': invoice,
  'invoice.payment_failed': invoice,
  'payment_intent.succeeded': payment,
  'payment_intent.payment_failed': payment,
  'charge.refunded': payment,
  'customer.updated': card,
  'payment_method.attached': card,
  'payment_method.detached': card,
  'payment_method.updated': card,
};

/** Whatever is wrong, the answer is one after which Stripe sends the event again. */
async function orSentAgain({ log }: Services, { id, type }: PaymentEvent, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error({ event: id, type, error: String(error) }, 'an event of Stripe has had no effect yet');
    throw new AppError('unavailable', 'The event has had no effect yet. Send it again.', {}, 10);
  }
}

/**
 * Takes an event by its exact bytes. An error answers 5xx, and Stripe sends the event again.
 * @throws invalid_rule for a signature that does not fit.
 */
export async function takeStripeEvent(services: Services, bytes: Buffer, signature: string) {
  const event = paymentsOf(services).event(bytes, signature);
  const effect = effects[event.type];
  const { customer_id } = event.object;
  if (effect && customer_id) {
    const organizationId = await services.store.payments.organizationOf(customer_id);
    if (organizationId)
      await orSentAgain(services, event, async () => {
        if (!(await services.store.payments.wasApplied(event.id))) await effect(services, organizationId, event);
        // A page of payment that was open may be paid, and the portal may reactivate.
        const { archived_at } = await services.store.identity.organization(organizationId);
        if (archived_at || (await services.store.payments.hasLifetime(organizationId)))
          await endSubscriptions(services, organizationId);
      });
    else services.log.warn({ event: event.id, type: event.type }, 'Stripe tells of a customer that is not ours');
  }
  return { received: true as const };
}
