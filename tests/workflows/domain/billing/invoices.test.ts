import fc from 'fast-check';
import { nextCheck, nextInvoice } from '#workflows/domain/billing/calendar.ts';
import { amountDue, amountsOf, invoiceNumber, totalOf } from '#workflows/domain/billing/invoices.ts';

test('[BILL-10] two workflows with 5 dollars of credit: 20 in total, 15 are due', () => {
  const amounts = amountsOf([1000, 1000], { credit_cents: 500, tax_percent: 0 });
  expect([totalOf(amounts), amountDue(amounts)]).toEqual([2000, 1500]);
});

test.each([
  ['a percentage', { kind: 'percentage', value: 25 }, 0, 500, 1500],
  ['an amount', { kind: 'fixed_amount', value: 300 }, 0, 300, 1700],
  ['an amount that is larger than the invoice', { kind: 'fixed_amount', value: 9000 }, 19, 2000, 0],
  ['a tax', undefined, 19, 0, 2380],
  ['a tax of what a discount leaves', { kind: 'percentage', value: 50 }, 10, 1000, 1100],
] as const)('%s changes the total', (_what, discount, tax_percent, off, total) => {
  const amounts = amountsOf([1000, 1000], { credit_cents: 0, discount, tax_percent });
  expect([amounts.discount, totalOf(amounts)]).toEqual([off, total]);
});

test('an invoice never takes more credit than there is, nor more than it asks for', () => {
  const cents = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(fc.array(cents), fc.integer({ min: -5000, max: 100_000 }), cents, (prices, credit_cents, value) => {
      const discount = { kind: 'fixed_amount', value } as const;
      const amounts = amountsOf(prices, { credit_cents, discount, tax_percent: 19 });
      expect(amounts.credits_applied).toBeLessThanOrEqual(Math.max(credit_cents, 0));
      expect(amountDue(amounts)).toBeGreaterThanOrEqual(0);
      expect(totalOf(amounts)).toBe(amountDue(amounts) + amounts.credits_applied);
    }),
  );
});

test('invoices are made on the first of each month at 01:00 UTC, and accounts are looked at each day at 10:00 UTC', () => {
  const at = (text: string) => Date.parse(`${text}Z`);
  const iso = (time: number) => new Date(time).toISOString().slice(0, 16);
  expect(iso(nextInvoice(at('2026-12-31T23:59')))).toBe('2027-01-01T01:00');
  expect(iso(nextInvoice(at('2027-01-01T00:30')))).toBe('2027-01-01T01:00');
  expect(iso(nextInvoice(at('2027-01-01T01:00')))).toBe('2027-02-01T01:00');
  expect(iso(nextCheck(at('2026-02-28T09:59')))).toBe('2026-02-28T10:00');
  expect(iso(nextCheck(at('2026-02-28T10:00')))).toBe('2026-03-01T10:00');
});

test('an invoice is numbered by its month', () => {
  expect(invoiceNumber(Date.UTC(2026, 10, 30), '0a1b2c3d')).toBe('INV-202611-0A1B2C3D');
});
