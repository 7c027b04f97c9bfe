import { invoiceWork } from '#activities/ports/invoice-work.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Invoice } from '#prisma/generated/client.ts';
import { payInvoiceUpdate, paymentReportedSignal } from '#workflows/contracts/billing.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { progressQuery } from '#workflows/contracts/progress.ts';
import {
  amountDue,
  totalOf,
  unpaid,
  type InvoiceStatus,
  type PaymentStatus,
} from '#workflows/domain/billing/invoices.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/invoices.ts';
import type { Call } from '../http/context.ts';
import { toPageView } from './views.ts';

const toInvoiceView = (row: Invoice) => ({
  id: row.id,
  organization_id: row.organization_id,
  invoice_number: row.number,
  status: row.status as InvoiceStatus,
  period_start: row.period_start.toISOString(),
  period_end: row.period_end.toISOString(),
  subtotal: row.subtotal,
  tax: row.tax,
  total: totalOf(row),
  credits_applied: row.credits_applied,
  amount_paid: row.amount_paid,
  amount_due: amountDue(row),
  due_at: row.due_at.toISOString(),
  paid_at: row.paid_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
});

export async function listInvoices({ services, organization_id }: Call, query: Query<typeof contracts.listInvoices>) {
  const { status, ...page } = query;
  return toPageView(await services.store.invoices.list(organization_id, { status }, page), toInvoiceView);
}

export async function generateInvoice({ services, organization_id }: Call) {
  const invoice = await invoiceWork(services, organization_id);
  return invoice && toInvoiceView(invoice);
}

export async function getInvoice({ services, organization_id }: Call, id: string) {
  const { usage, payments, ...invoice } = await services.store.invoices.get(organization_id, id);
  return {
    ...toInvoiceView(invoice),
    lines: usage.map((row) => ({
      workflow_id: row.workflow_id,
      quantity: row.quantity,
      total: row.total_cents,
      created_at: row.created_at.toISOString(),
    })),
    payments: payments.map((payment) => ({
      id: payment.id,
      status: payment.status as PaymentStatus,
      amount: payment.amount_cents,
      refunded: payment.refunded_cents,
      failure: payment.failure,
      created_at: payment.created_at.toISOString(),
    })),
    next: isUnpaid(invoice) ? await nextOf(services, id) : null,
  };
}

const isUnpaid = ({ status }: Invoice) => unpaid.includes(status as InvoiceStatus);

/** Null where its workflow does not answer: the invoice can be read all the same. */
async function nextOf({ workflows }: Services, id: string) {
  try {
    const { step, next_wake_at: at } = await workflows.query(workflowId.dunning(id), progressQuery);
    return { step, at };
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** The invoice's own workflow pays it, so that it and a person never pay at the same time. */
export async function payInvoice(call: Call, id: string) {
  const { services, organization_id, actor } = call;
  const { store, workflows } = services;
  const invoice = await store.invoices.get(organization_id, id);
  if (!isUnpaid(invoice)) throw new AppError('invalid_rule', `Invoice ${invoice.number} is paid: nothing is due.`);
  if (!services.payments)
    throw new AppError('invalid_rule', 'No provider of payments is set up here. The operator sets STRIPE_API_KEY.');
  await workflows.startDunning(invoice);
  const paid = await workflows.update(workflowId.dunning(id), payInvoiceUpdate, {
    request: call.newId('payment'),
    actor: actor.email,
  });
  return { ...paid, invoice: toInvoiceView(await store.invoices.get(organization_id, id)) };
}

/**
 * Records what the provider says about a payment of an invoice, and tells the invoice's workflow. The payment is read at the
 * provider, so the order in which its events come does not matter.
 */
export async function reportPayment(
  { store, payments, workflows }: Services,
  report: { organization_id: string; invoice_id: string; payment_intent_id: string },
): Promise<void> {
  const { organization_id, invoice_id, payment_intent_id } = report;
  const payment = await store.invoices.paymentOf(organization_id, invoice_id, payment_intent_id);
  if (!payment || !payments) return;
  const { status, failure } = await payments.payment(payment_intent_id);
  await store.invoices.recordPayment(organization_id, invoice_id, payment.id, { payment_intent_id, status, failure });
  await workflows.signalIfRunning(workflowId.dunning(invoice_id), paymentReportedSignal, {});
}
