import { mailPayers } from '#activities/ports/mail-payers.ts';
import type { Services } from '#activities/ports/services.ts';
import type { StripeEvent } from '#prisma/store/subscriptions.ts';
import { dollars } from '#workflows/domain/billing/account.ts';
import { deterministicId } from '../http/tokens.ts';
import { paymentsOf } from './customer.ts';

/** One mail to each address about what was paid twice. */
const mailId = (what: string) => (to: string) => deterministicId(`paid-twice:${what}:${to}`);

/**
 * Gives back a payment for a plan for life beside another plan, and mails it, each once: the event is taken again if
 * this fails.
 * @param given.tier the plan that stays.
 */
export async function giveBackPayment(
  services: Services,
  given: { organization_id: string; payment_intent_id: string; cents: number; tier: string },
): Promise<void> {
  const { organization_id, payment_intent_id, cents, tier } = given;
  const had =
    tier === 'lifetime'
      ? 'a plan for life already and paid for it a second time'
      : `the subscription ${tier} and paid for a plan for life beside it`;
  await paymentsOf(services).refund(payment_intent_id);
  await mailPayers(services, organization_id, mailId(payment_intent_id), ({ organization, page }) => ({
    subject: `${organization}: ${dollars(cents)} are refunded`,
    text: `${organization} has ${had}, so ${dollars(cents)} are on their way back to the card. The plan that it has stays:\n\n${page}`,
  }));
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
  const refund = refunded_cents > 0 ? ` and ${dollars(refunded_cents)} are on their way back to the card` : '';
  const ids = mailId(`${subscription_id}:${refunded_cents}`);
  await mailPayers(services, organization_id, ids, ({ organization, page }) => ({
    subject: `${organization}: a second plan is canceled`,
    text: `${organization} has a plan already and a subscription was bought beside it, so the subscription is canceled${refund}. The plan that it has stays:\n\n${page}`,
  }));
  await services.store.subscriptions.gaveBack({ organization_id, subscription_id, refunded_cents }, event);
}
