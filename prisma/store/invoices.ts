import { randomBytes, randomUUID } from 'node:crypto';
import { payInvoice } from '#workflows/domain/billing/account.ts';
import {
  amountDue,
  amountsOf,
  invoiceNumber,
  unpaid,
  type InvoiceStatus,
  type PaymentStatus,
} from '#workflows/domain/billing/invoices.ts';
import { notFound } from '#workflows/domain/errors.ts';
import type { Invoice, Payment } from '../generated/client.ts';
import { lockAccount, post } from './billing.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';

/** How a try to take money ended, or that it has not. */
export interface PaymentResult {
  payment_intent_id: string | null;
  status: Extract<PaymentStatus, 'pending' | 'succeeded' | 'failed'>;
  failure: string | null;
}

const isUnpaid = ({ status }: { status: string }) => unpaid.includes(status as InvoiceStatus);
const payments = { payments: { orderBy: { created_at: 'asc' } } } as const;

/** Ends a suspension, unless an invoice is still late. */
export async function restoreAccount(tx: Transaction, emit: Emit, organizationId: string): Promise<void> {
  const late = await tx.invoice.findFirst({ where: { organization_id: organizationId, status: 'past_due' } });
  if (late) return;
  const where = { organization_id: organizationId, status: 'suspended' };
  const { count } = await tx.billingAccount.updateMany({ where, data: { status: 'active' } });
  if (count === 0) return;
  emit({
    type: 'billing.account_restored',
    organization_id: organizationId,
    entity: { kind: 'billing_account', id: organizationId },
    data: {},
  });
}

export function invoicesStore(core: StoreCore) {
  /** Locks the account of an invoice, so that its payments come one after another. */
  const locked = async (tx: Transaction, organizationId: string, id: string): Promise<Invoice> => {
    await lockAccount(tx, organizationId);
    const invoice = await tx.invoice.findFirst({ where: { id, organization_id: organizationId } });
    if (!invoice) throw notFound('invoice');
    return invoice;
  };

  return {
    /**
     * Puts the work that nothing has paid on an invoice. Credit pays first.
     * @returns null when there is no such work.
     */
    create: (organizationId: string, terms: { due_seconds: number; tax_percent: number }) =>
      core.change(async (tx, emit) => {
        const { account } = await lockAccount(tx, organizationId);
        const where = { organization_id: organizationId, billed: false, invoice_id: null };
        const usage = await tx.usageRecord.findMany({ where, orderBy: { created_at: 'asc' } });
        const [first] = usage;
        if (!first) return null;
        const now = new Date();
        const amounts = amountsOf(
          usage.map(({ total_cents: cents }) => cents),
          {
            credit_cents: account.credit_cents,
            tax_percent: terms.tax_percent,
          },
        );
        const due = amountDue(amounts);
        const id = randomUUID();
        const invoice = await tx.invoice.create({
          data: {
            ...amounts,
            id,
            organization_id: organizationId,
            number: invoiceNumber(now.getTime(), randomBytes(4).toString('hex')),
            status: due === 0 ? 'paid' : 'open',
            period_start: first.created_at,
            period_end: now,
            due_at: new Date(now.getTime() + terms.due_seconds * 1000),
            paid_at: due === 0 ? now : null,
          },
        });
        await tx.usageRecord.updateMany({
          where: { id: { in: usage.map((row) => row.id) } },
          data: { billed: true, invoice_id: id },
        });
        if (amounts.credits_applied > 0)
          await post(tx, organizationId, payInvoice(account, amounts.credits_applied), { key: id });
        emit({
          type: 'billing.invoice_generated',
          organization_id: organizationId,
          entity: { kind: 'invoice', id },
          data: { invoice_number: invoice.number, total: due + amounts.credits_applied, amount_due: due },
        });
        return invoice;
      }),

    get: (organizationId: string, id: string) =>
      core.read(async (db) => {
        const invoice = await db.invoice.findFirst({
          where: { id, organization_id: organizationId },
          include: payments,
        });
        if (!invoice) throw notFound('invoice');
        const usage = await db.usageRecord.findMany({ where: { invoice_id: id }, orderBy: { created_at: 'asc' } });
        return { ...invoice, usage };
      }),
    list: (organizationId: string, filter: { status?: InvoiceStatus }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.invoice.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
          }),
        ),
      ),
    /** Invoices of one organization, or of all, whose money is still to come. */
    unpaid: (filter: { organization_id?: string; created_after?: Date }) =>
      core.read((db) =>
        db.invoice.findMany({
          where: {
            organization_id: filter.organization_id,
            created_at: filter.created_after && { gt: filter.created_after },
            status: { in: [...unpaid] },
          },
          select: { id: true, organization_id: true },
          orderBy: { created_at: 'asc' },
          take: 200,
        }),
      ),

    /**
     * Begins a try to take an invoice's money. At most one try is open: one that was begun and never ended comes first.
     * @param attempt names the try within the invoice: a repeated call finds the try of the first.
     */
    beginPayment: (organizationId: string, id: string, attempt: string) =>
      core.change(async (tx): Promise<{ invoice: Invoice; payment: Payment | null }> => {
        const invoice = await locked(tx, organizationId, id);
        const key = `invoice:${id}:${attempt}`;
        const known =
          (await tx.payment.findUnique({ where: { key } })) ??
          (await tx.payment.findFirst({ where: { invoice_id: id, status: 'pending' } }));
        if (known || !isUnpaid(invoice)) return { invoice, payment: known };
        const payment = await tx.payment.create({
          data: {
            id: randomUUID(),
            organization_id: organizationId,
            key,
            purpose: 'invoice',
            invoice_id: id,
            status: 'pending',
            amount_cents: amountDue(invoice),
          },
        });
        return { invoice, payment };
      }),

    /** Stores how a payment stands. One that has ended keeps its end. @returns whether the invoice is paid. */
    recordPayment: (organizationId: string, id: string, paymentId: string, result: PaymentResult) =>
      core.change(async (tx, emit): Promise<{ paid: boolean }> => {
        const invoice = await locked(tx, organizationId, id);
        const { payment_intent_id, status, failure } = result;
        const { count } = await tx.payment.updateMany({
          where: { id: paymentId, invoice_id: id, status: 'pending' },
          data: { payment_intent_id, status, failure, ended_at: status === 'pending' ? null : new Date() },
        });
        if (count === 0 || status === 'pending') return { paid: invoice.status === 'paid' };
        const payment = await tx.payment.findUniqueOrThrow({ where: { id: paymentId } });
        const about = {
          organization_id: organizationId,
          entity: { kind: 'invoice' as const, id },
        };
        const data = { invoice_number: invoice.number, amount_cents: payment.amount_cents };
        if (status === 'failed') {
          await tx.invoice.updateMany({ where: { id, status: 'open' }, data: { status: 'past_due' } });
          emit({
            ...about,
            type: 'billing.payment_failed',
            data: { ...data, reason: failure ?? 'The card was refused.' },
          });
          return { paid: false };
        }
        const amount_paid = invoice.amount_paid + payment.amount_cents;
        const paid = amountDue({ ...invoice, amount_paid }) <= 0;
        await tx.invoice.update({
          where: { id },
          data: { amount_paid, ...(paid ? { status: 'paid', paid_at: new Date() } : {}) },
        });
        emit({ ...about, type: 'billing.payment_succeeded', data });
        if (paid) await restoreAccount(tx, emit, organizationId);
        return { paid };
      }),

    /** The payment of an invoice that the provider knows by this id, or whose answer never came. */
    paymentOf: (organizationId: string, id: string, paymentIntentId: string) =>
      core.read(async (db) => {
        const where = { invoice_id: id, organization_id: organizationId };
        return (
          (await db.payment.findFirst({ where: { ...where, payment_intent_id: paymentIntentId } })) ??
          (await db.payment.findFirst({ where: { ...where, payment_intent_id: null, status: 'pending' } }))
        );
      }),

    /** An open invoice whose time is over and which nobody's card pays. */
    pastDue: (organizationId: string, id: string) =>
      core.change(async (tx) => {
        const where = { id, organization_id: organizationId, status: 'open' };
        await tx.invoice.updateMany({ where, data: { status: 'past_due' } });
      }),

    /** Refuses new work until the invoice is paid. @returns false when it is. */
    suspend: (organizationId: string, id: string) =>
      core.change(async (tx, emit): Promise<boolean> => {
        const invoice = await locked(tx, organizationId, id);
        if (!isUnpaid(invoice)) return false;
        const where = { organization_id: organizationId, status: { not: 'suspended' } };
        const { count } = await tx.billingAccount.updateMany({ where, data: { status: 'suspended' } });
        if (count > 0)
          emit({
            type: 'billing.account_suspended',
            organization_id: organizationId,
            entity: { kind: 'billing_account', id: organizationId },
            data: { invoice_number: invoice.number },
          });
        return true;
      }),
  };
}
