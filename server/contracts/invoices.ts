import { z } from 'zod';
import { invoiceStatuses, paymentStatuses } from '#workflows/domain/billing/invoices.ts';
import { byId, contract, idParams, isoTime, listOf, pageQuery, uuid } from './contract.ts';

const cents = z.number().int().meta({ description: 'Cents of US dollars.' });
const ofAccount = { tag: 'billing', scope: byId('organization'), params: idParams } as const;

const invoice = z.object({
  id: uuid,
  organization_id: uuid,
  invoice_number: z.string(),
  status: z.enum(invoiceStatuses),
  period_start: isoTime,
  period_end: isoTime,
  subtotal: cents,
  tax: cents,
  total: cents,
  /** What credit has paid. */
  credits_applied: cents,
  amount_paid: cents,
  amount_due: cents,
  due_at: isoTime,
  paid_at: isoTime.nullable(),
  created_at: isoTime,
});

export const listInvoices = contract({
  ...ofAccount,
  method: 'get',
  path: '/billing/account/{id}/invoices',
  summary: 'List the invoices of an organization, newest first',
  auth: 'org:billing:read',
  query: pageQuery.extend({ status: z.enum(invoiceStatuses).optional() }),
  response: listOf(invoice),
});

export const generateInvoice = contract({
  ...ofAccount,
  method: 'post',
  path: '/billing/account/{id}/invoices/generate',
  while_archived: true,
  summary: 'Invoice the work that nothing has paid yet; null when there is none',
  auth: 'org:billing:write',
  response: invoice.nullable(),
});

const payment = z.object({
  id: uuid,
  status: z.enum(paymentStatuses),
  amount: cents,
  refunded: cents,
  /** Why the card was refused. */
  failure: z.string().nullable(),
  created_at: isoTime,
});

export const getInvoice = contract({
  tag: 'billing',
  scope: byId('invoice'),
  params: idParams,
  method: 'get',
  path: '/billing/invoices/{id}',
  summary: 'Get an invoice with its lines, its payments and what happens next',
  auth: 'org:billing:read',
  response: invoice.extend({
    lines: z.array(
      z.object({ workflow_id: z.string(), quantity: z.number().int(), total: cents, created_at: isoTime }),
    ),
    payments: z.array(payment),
    /** What its workflow waits for, and until when; null once it is paid, or where its workflow does not answer. */
    next: z.object({ step: z.string(), at: isoTime.nullable() }).nullable(),
  }),
});

export const payInvoice = contract({
  tag: 'billing',
  scope: byId('invoice'),
  params: idParams,
  method: 'post',
  path: '/billing/invoices/{id}/pay',
  while_archived: true,
  summary: 'Pay an invoice now, with the default card',
  auth: 'org:billing:write',
  response: z.object({
    status: z.enum(['paid', 'failed', 'pending']),
    /** Why the card was refused, or what is waited for. */
    failure: z.string().nullable(),
    invoice,
  }),
});
