import { AppError } from '#workflows/domain/errors.ts';
import type { Services } from '../ports/services.ts';

interface Attempt {
  organization_id: string;
  invoice_id: string;
  /** Names the try within the invoice. */
  attempt: string;
  asked: boolean;
}
/** What became of a try. `pending`: an event of the provider tells the end. */
export interface Taken {
  status: 'paid' | 'failed' | 'pending';
  /** Why it failed or waits, for people. */
  failure: string | null;
}

const noCard = 'The organization has no card. Add one on the billing page, and pay again.';

/**
 * Takes an invoice's money from the default card. The try is stored before the provider is called, and its key is the
 * provider's idempotency key: whatever dies in between, the money is taken once.
 * @throws unavailable when the provider does not answer and nobody waits for the answer.
 */
export async function takePayment({ store, payments }: Services, input: Attempt): Promise<Taken> {
  const { organization_id, invoice_id, attempt, asked } = input;
  const account = await store.billing.account(organization_id);
  const { card, stripe_customer_id: customer, auto_billing: agreed } = account;
  if (!payments || !card || !customer || !(asked || agreed)) {
    if (!asked) await store.invoices.pastDue(organization_id, invoice_id);
    const { status } = await store.invoices.get(organization_id, invoice_id);
    if (status === 'paid') return { status, failure: null };
    return { status: 'failed', failure: card ? 'The card is charged only when a person asks for it.' : noCard };
  }
  const { invoice, payment } = await store.invoices.beginPayment(organization_id, invoice_id, attempt);
  if (!payment) return { status: 'paid', failure: null };
  if (payment.status !== 'pending')
    return payment.status === 'failed'
      ? { status: 'failed', failure: payment.failure }
      : { status: 'paid', failure: null };
  try {
    const result = payment.payment_intent_id
      ? await payments.payment(payment.payment_intent_id)
      : await payments.charge({
          customer_id: customer,
          amount_cents: payment.amount_cents,
          description: `Invoice ${invoice.number}`,
          metadata: { organization_id, invoice_id, payment_id: payment.id },
          key: payment.key,
        });
    const { paid } = await store.invoices.recordPayment(organization_id, invoice_id, payment.id, result);
    if (paid) return { status: 'paid', failure: null };
    return { status: result.status === 'pending' ? 'pending' : 'failed', failure: result.failure };
  } catch (error) {
    if (!asked || !(error instanceof AppError) || error.code !== 'unavailable') throw error;
    return {
      status: 'pending',
      failure: `${error.message} The same payment is tried again later; nothing is taken twice.`,
    };
  }
}
