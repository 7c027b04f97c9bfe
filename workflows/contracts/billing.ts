import { z } from 'zod';
import { signal, update } from './message.ts';

/** Milliseconds between the steps of an invoice. Part of the input, so that a change of the settings is no change of running ones. */
export interface DunningWaits {
  /** From the invoice to the mail that reminds of it. */
  reminder: number;
  /** From the reminder until it is due. */
  due: number;
  /** Before each further try to take its money. */
  retries: number[];
  /** From the last try to the suspension of the account. */
  suspension: number;
}

export interface DunningInput {
  organization_id: string;
  invoice_id: string;
  waits: DunningWaits;
}

export interface BillingCycleInput {
  organization_id: string;
  /** Milliseconds between invoices; absent: the first of each month at 01:00 UTC. */
  invoice_every?: number;
  /** Milliseconds between looks at credit and grants; absent: each day at 10:00 UTC. */
  check_every?: number;
  /** When the next ones are due, in ms, carried over from the workflow's earlier part. */
  next?: { invoice: number; check: number };
}

/** To an invoice's workflow: an event of the provider has ended a payment. */
export const paymentReportedSignal = signal('paymentReported', z.strictObject({}));

const payment = z.object({
  status: z.enum(['paid', 'failed', 'pending']),
  /** Why the card was refused. */
  failure: z.string().nullable(),
});
/** A person wants the invoice to be paid now, with the default card. A repeated `request` is one try. */
export const payInvoiceUpdate = update(
  'pay',
  z.strictObject({ request: z.string().max(200).optional(), actor: z.string().optional() }),
  payment,
);
