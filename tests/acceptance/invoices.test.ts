import { DefaultLogger, Runtime } from '@temporalio/worker';
import { takePayment } from '#activities/billing/take-payment.ts';
import type { Services } from '#activities/ports/services.ts';
import { reportPayment } from '#server/usecases/invoices.ts';
import { payInvoiceUpdate, paymentReportedSignal } from '#workflows/contracts/billing.ts';
import { progressQuery } from '#workflows/contracts/progress.ts';
import { eventually } from '#tests/support/api.ts';
import { BillingPlace, never } from '#tests/support/billing-place.ts';
import { shared } from '#tests/support/shared.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

let place: BillingPlace;
beforeAll(async () => {
  place = await BillingPlace.open(shared.temporalAddress);
}, 240_000);
afterAll(() => place.close());
beforeEach(() => {
  place.payments.card = 'good';
});

test('[BILL-10] work that nothing has paid is invoiced once; credit pays before the card', async () => {
  const { id, invoiced } = await place.debtor({ credit: 500 });
  const [first, again] = await Promise.all([
    place.store.invoices.create(id, { due_seconds: 604_800, tax_percent: 0 }),
    place.store.invoices.create(id, { due_seconds: 604_800, tax_percent: 0 }),
  ]);
  const invoice = first ?? again;
  expect([first, again].filter(Boolean)).toHaveLength(1);
  expect(invoice).toMatchObject({ status: 'open', subtotal: 2000, credits_applied: 500, amount_paid: 0 });
  expect(invoice?.number).toMatch(/^INV-\d{6}-[0-9A-F]{8}$/);
  await expect(invoiced()).rejects.toThrow('nothing to invoice');
  expect(await place.store.billing.account(id)).toMatchObject({ credit_cents: 0 });
  expect(await place.store.billing.differences()).toEqual([]);
  const paidByCredit = await place.debtor({ workflows: 1, credit: 5000 });
  expect(await paidByCredit.invoiced()).toMatchObject({ status: 'paid', credits_applied: 1000 });
});

test('[BILL-11] a declined card makes the invoice late, a good one pays it, and one request is one payment', async () => {
  const { id, invoiced, invoice } = await place.debtor();
  const { id: invoiceId } = await invoiced();
  await place.start({ id: invoiceId, organization_id: id });
  const pay = (request: string) => place.dunning(invoiceId).executeUpdate(payInvoiceUpdate, { args: [{ request }] });
  place.payments.card = 'refused';
  expect(await pay('a')).toEqual({ status: 'failed', failure: 'Your card was declined.' });
  expect(await invoice(invoiceId)).toMatchObject({ status: 'past_due' });
  place.payments.card = 'good';
  expect(await pay('a')).toMatchObject({ status: 'failed' });
  const before = place.payments.cents;
  expect(await Promise.all([pay('b'), pay('b')])).toEqual([
    { status: 'paid', failure: null },
    { status: 'paid', failure: null },
  ]);
  await place.dunning(invoiceId).result();
  expect(place.payments.cents - before).toBe(2000);
  expect(await invoice(invoiceId)).toMatchObject({ status: 'paid', amount_paid: 2000 });
});

test('[BILL-11] a payment whose answer was lost is taken once, and one that the bank is slow with ends by its event', async () => {
  const before = place.payments.cents;
  const lost = await place.debtor();
  const first = await lost.invoiced();
  place.payments.card = 'lost';
  await place.start(first, {});
  await place.dunning(first.id).result();
  expect(place.payments.cents - before).toBe(2000);
  expect((await lost.invoice(first.id)).payments).toHaveLength(1);

  const slow = await place.debtor();
  const second = await slow.invoiced();
  place.payments.card = 'slow';
  await place.start(second, { retries: [never] });
  await eventually('the bank has the payment', async () =>
    Boolean((await slow.invoice(second.id)).payments[0]?.payment_intent_id),
  );
  const [payment] = (await slow.invoice(second.id)).payments;
  const report = {
    organization_id: slow.id,
    invoice_id: second.id,
    payment_intent_id: payment?.payment_intent_id ?? '',
  };
  await reportPayment(place.services, report);
  expect(await slow.invoice(second.id)).toMatchObject({ status: 'open' });
  place.payments.end(report.payment_intent_id, 'succeeded');
  await Promise.all([reportPayment(place.services, report), reportPayment(place.services, report)]);
  await place.dunning(second.id).result();
  expect(await slow.invoice(second.id)).toMatchObject({ status: 'paid', amount_paid: 2000 });
});

test('[BILL-11] wherever a process dies in a payment, the next try finishes it, and the money is taken once', async () => {
  const { id, invoiced, invoice } = await place.debtor({ workflows: 1 });
  const steps = ['beginPayment', 'charge', 'recordPayment'];
  for (const step of steps)
    for (const when of ['before', 'after']) {
      await place.work(id);
      const { id: invoiceId } = await invoiced();
      const [taken, death] = [place.payments.cents, new Error('the process died')];
      let dead = false;
      const dying = <T extends object>(parts: T): T =>
        new Proxy(parts, {
          get: (target, name) => {
            const real = Reflect.get(target, name) as (...input: unknown[]) => Promise<unknown>;
            if (name !== step) return typeof real === 'function' ? real.bind(target) : real;
            return async (...input: unknown[]) => {
              if (!dead && when === 'before') {
                dead = true;
                throw death;
              }
              const answer = await real.apply(target, input);
              if (dead) return answer;
              dead = true;
              throw death;
            };
          },
        });
      const mortal = {
        ...place.services,
        payments: dying(place.payments),
        store: { ...place.store, invoices: dying(place.store.invoices) },
      };
      const attempt = { organization_id: id, invoice_id: invoiceId, attempt: 'due', asked: false };
      await expect(takePayment(mortal as unknown as Services, attempt)).rejects.toBe(death);
      expect(await takePayment(mortal as unknown as Services, attempt)).toEqual({ status: 'paid', failure: null });
      expect([step, when, place.payments.cents - taken]).toEqual([step, when, (await invoice(invoiceId)).amount_paid]);
    }
  expect(await place.store.billing.differences()).toEqual([]);
});

test('[BILL-12] [BILL-13] an unpaid invoice is tried again three times, mailed each time, and suspends the account until it is paid', async () => {
  const { id, invoiced, invoice, status, mails, slug } = await place.debtor();
  const { id: invoiceId, number } = await invoiced();
  place.payments.card = 'refused';
  await place.start({ id: invoiceId, organization_id: id }, {});
  await eventually('the account is suspended', async () => (await status()) === 'suspended');
  await eventually('the last mail is there', async () => (await mails()).length === 7);
  expect((await mails()).map(({ subject }) => subject)).toEqual([
    `Invoice ${number} of ${slug}: $20.00`,
    expect.stringMatching(`^Invoice ${number} of ${slug} is due on \\d{4}-`),
    ...Array.from({ length: 3 }, () => `Invoice ${number} of ${slug}: payment failed`),
    `Invoice ${number} of ${slug}: last try failed`,
    `${slug} is suspended`,
  ]);
  expect(await place.store.billing.canStart(id)).toMatchObject({ can_execute: true });
  expect((await invoice(invoiceId)).payments.map((payment) => payment.status)).toEqual(Array(4).fill('failed'));
  expect(await place.dunning(invoiceId).query(progressQuery)).toMatchObject({
    state: 'waiting',
    step: 'the account is suspended until a person pays the invoice',
  });
  place.payments.card = 'good';
  await place.dunning(invoiceId).executeUpdate(payInvoiceUpdate, { args: [{}] });
  await place.dunning(invoiceId).result();
  expect(await status()).toBe('active');
  expect((await mails()).at(-1)?.subject).toBe(`Invoice ${number} of ${slug} is paid`);
});

test('[BILL-12] a card is charged by itself only where the organization has agreed to it', async () => {
  const { id, invoiced, invoice } = await place.debtor({ agreed: false });
  const { id: invoiceId } = await invoiced();
  const before = place.payments.asked.length;
  await place.start({ id: invoiceId, organization_id: id }, { retries: [never] });
  await eventually('the invoice is late', async () => (await invoice(invoiceId)).status === 'past_due');
  expect(place.payments.asked).toHaveLength(before);
});

test('[BILL-13] the months of an account: one invoice, one mail about low credit, each once', async () => {
  const { id, slug, mails } = await place.debtor({ credit: 300, workflows: 0 });
  const cycle = await place.startCycle(id, { invoice: 150, check: 50 });
  await eventually('the mail about low credit is there', async () => (await mails()).length > 0);
  await place.work(id);
  await eventually(
    'the month is invoiced',
    async () => (await place.store.invoices.list(id, {}, { limit: 9 })).items.length > 0,
  );
  const { items } = await place.store.invoices.list(id, {}, { limit: 9 });
  await eventually('its workflow mails it', async () => (await mails()).length === 2);
  await eventually('the account was looked at again', async () => {
    const { historyLength } = await cycle.describe();
    return historyLength > 60;
  });
  expect((await mails()).map(({ subject }) => subject)).toEqual([
    `${slug} has $3.00 of credit left`,
    `Invoice ${items[0]?.number} of ${slug}: $7.00`,
  ]);
  expect(items).toHaveLength(1);
  // Both workflows end with their organization, wherever they stand.
  await place.sql.query('DELETE FROM organizations WHERE id = $1', [id]);
  await cycle.result();
  await place.dunning(items[0]?.id ?? '').signal(paymentReportedSignal, {});
  await place.dunning(items[0]?.id ?? '').result();
});
