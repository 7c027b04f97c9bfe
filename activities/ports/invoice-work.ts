import type { Services } from './services.ts';

/**
 * Makes the invoice of an organization's work that nothing has paid, and starts the workflow of each unpaid invoice that
 * has none. @returns the new invoice, or null when there was nothing to invoice.
 */
export async function invoiceWork({ store, workflows, config }: Services, organizationId: string) {
  const { invoice_due: due_seconds, tax_percent } = config.billing;
  const invoice = await store.invoices.create(organizationId, { due_seconds, tax_percent });
  for (const unpaid of await store.invoices.unpaid({ organization_id: organizationId }))
    await workflows.startDunning(unpaid);
  return invoice;
}
