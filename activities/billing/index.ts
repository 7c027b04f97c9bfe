import { mailPayers } from '../ports/mail-payers.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Services } from '../ports/services.ts';
import { activityId, deterministicId } from '../support/ids.ts';
import { invoiceMail, lowCreditMail, type InvoiceMail } from './mails.ts';
import { invoiceWork } from '../ports/invoice-work.ts';
import { takePayment, type Taken } from './take-payment.ts';

/** Whether the organization is there. */
interface There {
  there: boolean;
}

interface InvoiceRef {
  organization_id: string;
  invoice_id: string;
}

/** The fallback where the organization was deleted meanwhile: its account and invoices went with it. */
async function unlessGone<T>(fallback: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return fallback;
    throw error;
  }
}

/** Steps of `billingCycleWorkflow` and `dunningWorkflow`. No history holds an address, a card or a text of a mail. */
export function createBillingActivities(services: Services) {
  const { store, config } = services;

  /** In all tries of the step once. */
  const mailAll = (organizationId: string, write: Parameters<typeof mailPayers>[3]) =>
    mailPayers(services, organizationId, (to) => deterministicId(`${activityId()}:${to}`), write);

  return {
    /** Makes the invoice of the work that is not paid, and sees to it that each unpaid one has its workflow. */
    invoiceWork: ({ organization_id }: { organization_id: string }) =>
      unlessGone<There>({ there: false }, async () => {
        await invoiceWork(services, organization_id);
        return { there: true };
      }),

    /** Writes the end of grants whose time is over, and warns once when the credit runs out. */
    checkAccount: ({ organization_id }: { organization_id: string }) =>
      unlessGone<There>({ there: false }, async () => {
        const { low_credit, credit_cents } = await store.billing.check(
          organization_id,
          config.billing.low_credit_cents,
        );
        if (low_credit)
          await mailAll(organization_id, ({ organization, page }) => lowCreditMail(organization, credit_cents, page));
        await store.subscriptions.endGrants(organization_id);
        await store.billing.checked(organization_id, low_credit);
        return { there: true };
      }),

    /** An invoice that is gone asks for nothing any more. */
    readInvoice: ({ organization_id, invoice_id }: InvoiceRef) =>
      unlessGone<{ paid: boolean }>({ paid: true }, async () => ({
        paid: (await store.invoices.get(organization_id, invoice_id)).status === 'paid',
      })),

    /**
     * Takes an invoice's money from the default card, once for each `attempt`.
     * @param asked a person wants it; otherwise it is left alone where the organization has not agreed to it.
     */
    chargeInvoice: (input: InvoiceRef & { attempt: string; asked: boolean }) =>
      unlessGone<Taken>({ status: 'paid', failure: null }, () => takePayment(services, input)),

    suspendAccount: ({ organization_id, invoice_id }: InvoiceRef) =>
      unlessGone<{ suspended: boolean }>({ suspended: false }, async () => ({
        suspended: await store.invoices.suspend(organization_id, invoice_id),
      })),

    mailInvoice: (input: InvoiceRef & { kind: InvoiceMail; next_try_at: string | null }): Promise<void> =>
      unlessGone(undefined, async () => {
        const { organization_id, invoice_id, kind, next_try_at } = input;
        const invoice = await store.invoices.get(organization_id, invoice_id);
        const failure = invoice.payments.findLast(({ status }) => status === 'failed')?.failure ?? null;
        await mailAll(organization_id, (about) => invoiceMail(kind, invoice, { ...about, next_try_at, failure }));
      }),
  };
}
