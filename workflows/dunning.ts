import { condition, uuid4 } from '@temporalio/workflow';
import { payInvoiceUpdate, paymentReportedSignal, type DunningInput } from './contracts/billing.ts';
import { records, work } from './support/activities.ts';
import { handleUpdate, SignalHandlers } from './support/handlers.ts';
import { handlersFinished } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';
import { Turns } from './support/turns.ts';

/**
 * Gets an invoice paid: reminds of it, takes its money when it is due, tries again, and suspends the account in the end.
 * It ends when the invoice is paid, in whatever way. Every payment of the invoice goes through it, one after another.
 */
export async function dunningWorkflow({ waits, organization_id, invoice_id }: DunningInput): Promise<void> {
  const progress = new ProgressReport('sending the invoice');
  const ref = { organization_id, invoice_id };
  const signals = new SignalHandlers({ organization_id, project_id: null });
  const turns = new Turns();
  let paid = false;
  let reported = false;

  const charge = (attempt: string, asked = false) =>
    turns.take(async () => {
      const answer = await work.chargeInvoice({ ...ref, attempt, asked });
      paid ||= answer.status === 'paid';
      return answer;
    });
  const mail = (kind: 'generated' | 'reminder' | 'refused' | 'suspended' | 'paid', nextTryMs?: number) =>
    records.mailInvoice({
      ...ref,
      kind,
      next_try_at: nextTryMs === undefined ? null : new Date(Date.now() + nextTryMs).toISOString(),
    });

  handleUpdate(payInvoiceUpdate, { apply: ({ request = uuid4() }) => charge(`asked-${request}`, true) });
  signals.handle(paymentReportedSignal, () => {
    reported = true;
  });
  signals.ignoreRest();

  /** @returns whether the invoice is paid by then. Without a time it waits for that alone. */
  async function paidWithin(step: string, ms?: number): Promise<boolean> {
    const end = ms === undefined ? undefined : Date.now() + ms;
    for (;;) {
      if (paid) return true;
      progress.set('waiting', step, end === undefined ? {} : { until: new Date(end).toISOString() });
      const woken = () => paid || reported;
      if (end === undefined) await condition(woken);
      else if (!(await condition(woken, Math.max(end - Date.now(), 1)))) return false;
      if (!reported) continue;
      reported = false;
      paid ||= (await records.readInvoice(ref)).paid;
    }
  }

  /** Ends as soon as the invoice is paid. */
  async function getPaid(): Promise<void> {
    if (await paidWithin('a mail that reminds of the invoice', waits.reminder)) return;
    await mail('reminder');
    if (await paidWithin('the payment', waits.due)) return;
    for (const [tries, next] of [...waits.retries, undefined].entries()) {
      progress.set('running', tries === 0 ? 'taking the payment' : `taking the payment, retry ${tries}`);
      const { status } = await charge(tries === 0 ? 'due' : `retry-${tries}`);
      if (status === 'failed') await mail('refused', next);
      const step = next === undefined ? 'the suspension of the account' : 'another try of the payment';
      if (await paidWithin(step, next ?? waits.suspension)) return;
    }
    if (!(await records.suspendAccount(ref)).suspended) return;
    await mail('suspended');
    await paidWithin('the account is suspended until a person pays the invoice');
  }

  progress.set('running', 'sending the invoice');
  if ((await records.readInvoice(ref)).paid) {
    progress.set('completed', 'it was paid before');
    return;
  }
  await mail('generated');
  await getPaid();
  await handlersFinished();
  await mail('paid');
  if (signals.someIgnored) await signals.recordIgnored();
  progress.set('completed', 'paid');
}
