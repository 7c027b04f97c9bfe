export const invoiceStatuses = ['open', 'past_due', 'paid', 'void', 'uncollectible'] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];
/** Invoices whose money is still to come. */
export const unpaid: readonly InvoiceStatus[] = ['open', 'past_due'];

export const paymentStatuses = ['pending', 'succeeded', 'failed', 'refunded', 'partially_refunded'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/** Cents. `total` and `amountDue` follow from the rest. */
export interface Amounts {
  subtotal: number;
  tax: number;
  credits_applied: number;
  amount_paid: number;
}

export const totalOf = ({ subtotal, tax }: Amounts): number => subtotal + tax;
export const amountDue = (amounts: Amounts): number => totalOf(amounts) - amounts.credits_applied - amounts.amount_paid;

/** The tax on a sum, rounded once and half up. A rate counts to four decimals, in integers: 1.15 is no binary fraction. */
const taxOn = (subtotal: number, percent: number) => Math.round((subtotal * Math.round(percent * 1e4)) / 1e6);

/** The amounts of an invoice for these prices, with the tax. Credit pays before a card. */
export function amountsOf(
  prices: readonly number[],
  { credit_cents, tax_percent }: { credit_cents: number; tax_percent: number },
): Amounts {
  const subtotal = prices.reduce((sum, price) => sum + price, 0);
  const tax = taxOn(subtotal, tax_percent);
  const credits_applied = Math.min(subtotal + tax, Math.max(credit_cents, 0));
  return { subtotal, tax, credits_applied, amount_paid: 0 };
}

/** Such as INV-202611-0A1B2C3D. @param random eight hexadecimal digits. */
export const invoiceNumber = (now: number, random: string): string =>
  `INV-${new Date(now).toISOString().slice(0, 7).replace('-', '')}-${random.toUpperCase()}`;
