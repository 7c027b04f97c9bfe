import { continueAsNew, sleep } from '@temporalio/workflow';
import type { BillingCycleInput } from './contracts/billing.ts';
import { nextCheck, nextInvoice } from './domain/billing/calendar.ts';
import { records } from './support/activities.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/**
 * The months of an organization's account: invoices what is owed, ends what a promo code granted, and warns when the
 * credit runs out. It runs as long as the organization is there.
 */
export async function billingCycleWorkflow(input: BillingCycleInput): Promise<void> {
  const progress = new ProgressReport('waiting for the month to end');
  const { organization_id, invoice_every: invoiceEvery, check_every: checkEvery } = input;
  const ref = { organization_id };
  const after = (now: number) => ({
    invoice: invoiceEvery === undefined ? nextInvoice(now) : now + invoiceEvery,
    check: checkEvery === undefined ? nextCheck(now) : now + checkEvery,
  });
  const next = input.next ?? after(Date.now());
  for (;;) {
    const wake = Math.min(next.invoice, next.check);
    progress.set('waiting', 'waiting for the next day or month', { until: new Date(wake).toISOString() });
    await sleep(Math.max(wake - Date.now(), 1));
    if (wake === next.invoice) {
      progress.set('running', 'making the invoice');
      const { there } = await records.invoiceWork(ref);
      if (!there) break;
      next.invoice = after(Date.now()).invoice;
    } else {
      progress.set('running', 'looking at the account');
      const { there } = await records.checkAccount(ref);
      if (!there) break;
      next.check = after(Date.now()).check;
    }
    if (historyIsLong()) await continueAsNew<typeof billingCycleWorkflow>({ ...input, next });
  }
  progress.set('completed', 'the organization is gone');
}
