import fc from 'fast-check';
import { nextCheck, nextInvoice } from '#workflows/domain/billing/calendar.ts';
import { amountDue, amountsOf, invoiceNumber, totalOf } from '#workflows/domain/billing/invoices.ts';

test('[BILL-10] two workflows with 5 dollars of credit: 20 in total, 15 are due', () => {
  const amounts = amountsOf([1000, 1000], { credit_cents: 500, tax_percent: 0 });
  expect([totalOf(amounts), amountDue(amounts)]).toEqual([2000, 1500]);
});

test('a tax comes on top, rounded to cents', () => {
  const amounts = amountsOf([1000, 1], { credit_cents: 0, tax_percent: 19 });
  expect([amounts.tax, totalOf(amounts)]).toEqual([190, 1191]);
});

test('[BILL-10] the tax is that of the sum, to half a cent, however the sum is divided into lines', () => {
  const cents = fc.integer({ min: 0, max: 1_000_000 });
  // Rates with up to four decimals, such as 8.8750 %.
  const rate = fc.integer({ min: 0, max: 1_000_000 });
  const taxOf = (prices: number[], tax_percent: number) => amountsOf(prices, { credit_cents: 0, tax_percent }).tax;
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1 }), rate, (prices, parts) => {
      const percent = parts / 1e4;
      const sum = prices.reduce((total, price) => total + price, 0);
      const tax = taxOf(prices, percent);
      expect(tax).toBe(Number((BigInt(sum) * BigInt(parts) + 500_000n) / 1_000_000n));
      expect(taxOf([sum], percent)).toBe(tax);
      expect(taxOf(prices, 0)).toBe(0);
    }),
  );
  expect(taxOf([5000], 1.15)).toBe(58);
});

test('an invoice never takes more credit than there is, nor more than it asks for', () => {
  const cents = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(fc.array(cents), fc.integer({ min: -5000, max: 100_000 }), (prices, credit_cents) => {
      const amounts = amountsOf(prices, { credit_cents, tax_percent: 19 });
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
