import { pageLink } from '#activities/ports/page-link.ts';
import { sendMail } from '#activities/ports/send-mail.ts';
import type { Services } from '#activities/ports/services.ts';
import type { StripeEvent } from '#prisma/store/subscriptions.ts';
import { sha256 } from '../http/tokens.ts';
import { paymentsOf } from './customer.ts';

const dollars = (cents: number) => `$${(cents / 100).toFixed(2)}`;

/** A UUID that follows from a name, so that a repeated call sends the same mail. */
function idFrom(name: string): string {
  const hex = sha256(name);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Mails what was paid twice, once: `key` names it. */
async function tell(
  services: Services,
  organization_id: string,
  { key, subject, text }: { key: string; subject: string; text: (name: string) => string },
): Promise<void> {
  const { name, addresses } = await services.store.billing.recipients(organization_id);
  const page = pageLink(services, `/organizations/${organization_id}/billing`);
  for (const to of addresses)
    await sendMail(services, {
      id: idFrom(`paid-twice:${key}:${to}`),
      to,
      subject: `${name}: ${subject}`,
      text: `${text(name)}\n\n${page}`,
    });
}

/** Gives back a second payment for a plan for life, and mails it, each once: the event is taken again if this fails. */
export async function giveBackPayment(
  services: Services,
  { organization_id, payment_intent_id, cents }: { organization_id: string; payment_intent_id: string; cents: number },
): Promise<void> {
  await paymentsOf(services).refund(payment_intent_id);
  await tell(services, organization_id, {
    key: payment_intent_id,
    subject: `${dollars(cents)} are refunded`,
    text: (name) =>
      `${name} has a plan for life already and paid for it a second time, so ${dollars(cents)} are on their way back to the card. The plan stays as it is:`,
  });
}

/**
 * Cancels a second subscription, gives back what was paid for it, and mails it, each once: the event is taken again if
 * this fails.
 */
export async function giveBackSubscription(
  services: Services,
  { organization_id, subscription_id }: { organization_id: string; subscription_id: string },
  event?: StripeEvent,
): Promise<void> {
  const payments = paymentsOf(services);
  const { status } = await payments.subscription(subscription_id);
  if (status !== 'canceled')
    await payments.changeSubscription(subscription_id, { kind: 'cancel', at_period_end: false });
  let refunded_cents = 0;
  for (const payment of await payments.subscriptionPayments(subscription_id)) {
    await payments.refund(payment);
    const after = await payments.payment(payment);
    refunded_cents += after.refunded_cents;
  }
  await tell(services, organization_id, {
    key: `${subscription_id}:${refunded_cents}`,
    subject: 'a second subscription is canceled',
    text: (name) =>
      `${name} has a subscription already and a second one was bought, so the second one is canceled${refunded_cents > 0 ? ` and ${dollars(refunded_cents)} are on their way back to the card` : ''}. The first one stays as it is:`,
  });
  await services.store.subscriptions.gaveBack({ organization_id, subscription_id, refunded_cents }, event);
}
