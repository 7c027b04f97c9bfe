import { pageLink } from '../ports/page-link.ts';
import { sendMail } from '../ports/send-mail.ts';
import type { Services } from '../ports/services.ts';
import { activityId, deterministicId } from '../support/ids.ts';
import { invoiceMail, lowCreditMail, type InvoiceMail } from './mails.ts';
import { invoiceWork } from '../ports/invoice-work.ts';
import { takePayment } from './take-payment.ts';

interface InvoiceRef {
  organization_id: string;
  invoice_id: string;
}

/** Steps of `billingCycleWorkflow` and `dunningWorkflow`. No history holds an address, a card or a text of a mail. */
export function createBillingActivities(services: Services) {
  const { store, config } = services;

  /** Mails everybody who looks after the money, once in all tries of the step. */
  async function mailAll(
    organizationId: string,
    write: (about: { organization: string; page: string }) => { subject: string; text: string },
  ): Promise<void> {
    const { name, addresses } = await store.billing.recipients(organizationId);
    const page = pageLink(services, `/organizations/${organizationId}/billing`);
    for (const to of addresses)
      await sendMail(services, {
        ...write({ organization: name, page }),
        id: deterministicId(`${activityId()}:${to}`),
        to,
      });
  }

  return {
    /** Makes the invoice of the work that is not paid, and sees to it that each unpaid one has its workflow. */
    invoiceWork: async ({ organization_id }: { organization_id: string }): Promise<void> => {
      await invoiceWork(services, organization_id);
    },

    /** Writes the end of grants whose time is over, and warns once when the credit runs out. */
    checkAccount: async ({ organization_id }: { organization_id: string }): Promise<{ there: boolean }> => {
      const checked = await store.billing.check(organization_id, config.billing.low_credit_cents);
      if (!checked) return { there: false };
      if (checked.low_credit)
        await mailAll(organization_id, ({ organization, page }) =>
          lowCreditMail(organization, checked.credit_cents, page),
        );
      await store.subscriptions.endGrants(organization_id);
      await store.billing.checked(organization_id, checked.low_credit);
      return { there: true };
    },

    readInvoice: async ({ organization_id, invoice_id }: InvoiceRef): Promise<{ paid: boolean }> => ({
      paid: (await store.invoices.get(organization_id, invoice_id)).status === 'paid',
    }),

    /**
     * Takes an invoice's money from the default card, once for each `attempt`.
     * @param asked a person wants it; otherwise it is left alone where the organization has not agreed to it.
     */
    chargeInvoice: (input: InvoiceRef & { attempt: string; asked: boolean }) => takePayment(services, input),

    suspendAccount: async ({ organization_id, invoice_id }: InvoiceRef) => ({
      suspended: await store.invoices.suspend(organization_id, invoice_id),
    }),

    mailInvoice: async (input: InvoiceRef & { kind: InvoiceMail; next_try_at: string | null }): Promise<void> => {
      const { organization_id, invoice_id, kind, next_try_at } = input;
      const invoice = await store.invoices.get(organization_id, invoice_id);
      const failure = invoice.payments.findLast(({ status }) => status === 'failed')?.failure ?? null;
      await mailAll(organization_id, (about) => invoiceMail(kind, invoice, { ...about, next_try_at, failure }));
    },
  };
}
