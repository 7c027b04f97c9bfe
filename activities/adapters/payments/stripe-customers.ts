import type Stripe from 'stripe';
import type { Card, Payments } from '../../ports/payments.ts';
import { notFound } from '#workflows/domain/errors.ts';
import { asking, idOf, keyOf } from './stripe-client.ts';

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function cardOf(method: Stripe.PaymentMethod, standard: string | null): Card {
  const { card, id } = method;
  const label = card ? `${capital(card.display_brand ?? card.brand)} ${card.last4}` : capital(method.type);
  const expires = card ? `${String(card.exp_month).padStart(2, '0')}/${card.exp_year}` : '';
  return { id, label, expires, is_default: id === standard };
}

type Calls = 'createCustomer' | 'cards' | 'attachCard' | 'removeCard' | 'setupIntent' | 'portal';

export function customers(stripe: Stripe): Pick<Payments, Calls> {
  const setDefault = (customer: string, method: string) =>
    stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } });
  /** @throws not_found for a card of another customer: whose it is stays unknown. */
  async function requireOwn(customer: string, id: string, free: boolean): Promise<void> {
    const method = await stripe.paymentMethods.retrieve(id);
    const owner = idOf(method.customer);
    if (owner !== customer && !(free && owner === null)) throw notFound('payment method');
  }
  return {
    createCustomer: ({ id, name, email }) =>
      asking(async () => {
        const params = { name, metadata: { organization_id: id }, ...(email ? { email } : {}) };
        return (await stripe.customers.create(params, { idempotencyKey: keyOf('customer', params) })).id;
      }),

    cards: (customerId) =>
      asking(async () => {
        const [customer, { data }] = await Promise.all([
          stripe.customers.retrieve(customerId),
          stripe.customers.listPaymentMethods(customerId, { limit: 100 }),
        ]);
        let standard = customer.deleted ? null : idOf(customer.invoice_settings.default_payment_method);
        const [newest] = data;
        if (newest && !data.some(({ id }) => id === standard)) {
          await setDefault(customerId, newest.id);
          standard = newest.id;
        }
        return data.map((method) => cardOf(method, standard));
      }),

    attachCard: (customerId, cardId, asDefault) =>
      asking(async () => {
        await requireOwn(customerId, cardId, true);
        const { id } = await stripe.paymentMethods.attach(cardId, { customer: customerId });
        if (asDefault) await setDefault(customerId, id);
      }),

    removeCard: (customerId, cardId) =>
      asking(async () => {
        await requireOwn(customerId, cardId, false);
        await stripe.paymentMethods.detach(cardId);
      }),

    setupIntent: (customerId) =>
      asking(async () => {
        const { id, client_secret } = await stripe.setupIntents.create({ customer: customerId, usage: 'off_session' });
        return { id, client_secret: client_secret ?? '' };
      }),

    portal: (customerId, returnUrl, flow) =>
      asking(async () => {
        const session = await stripe.billingPortal.sessions.create({
          customer: customerId,
          return_url: returnUrl,
          ...(flow === 'card' ? { flow_data: { type: 'payment_method_update' } } : {}),
        });
        return session.url;
      }),
  };
}
