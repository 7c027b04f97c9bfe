import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pg from 'pg';
import { createBillingActivities } from '#activities/billing/index.ts';
import { takePayment } from '#activities/billing/take-payment.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Store } from '#activities/ports/store.ts';
import { toFailure } from '#activities/support/failures.ts';
import { loadConfig } from '#activities/services/config.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { bundlePath } from '#temporal/bundle.ts';
import { dataConverter } from '#temporal/data-converter.ts';
import { reportPayment } from '#server/usecases/invoices.ts';
import { payInvoiceUpdate, paymentReportedSignal, type DunningWaits } from '#workflows/contracts/billing.ts';
import { progressQuery } from '#workflows/contracts/progress.ts';
import { eventually } from '#tests/support/api.ts';
import { FakePayments } from '#tests/support/fake-payments.ts';
import { newPlace, openStore } from '#tests/support/own-store.ts';
import { shared, temporalClient } from '#tests/support/shared.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const taskQueue = `billing-${randomUUID()}`;
const payments = new FakePayments();
let folder: string;
let database: Awaited<ReturnType<typeof openDatabase>>;
let sql: pg.Client;
let store: Store;
let services: Services;
let temporal: { client: Client; close(): Promise<void> };
let worker: Worker;
let done: Promise<void>;

/** Accounts of a database of the test's own, whose workflows run on the shared Temporal with short waits. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'omoios-invoices-'));
  database = await openDatabase({ socketDir: folder });
  await applyMigrations(database.url);
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  store = openStore(database.url);
  temporal = await temporalClient();
  const { workflow } = temporal.client;
  services = {
    store,
    payments,
    config: loadConfig({ data_dir: folder, env: 'test' }, {}),
    mail: { delivers: false },
    workflows: {
      startDunning: async ({ id, organization_id }: { id: string; organization_id: string }) => {
        await start({ id, organization_id });
        return 'started';
      },
      signalIfRunning: async (id: string) => {
        await workflow.getHandle(id).signal(paymentReportedSignal, {});
        return true;
      },
    },
  } as unknown as Services;
  const activities = Object.fromEntries(
    Object.entries(createBillingActivities(services)).map(([name, run]) => [
      name,
      (input: never) =>
        run(input).catch((error: unknown) => {
          throw toFailure(error);
        }),
    ]),
  );
  worker = await Worker.create({
    connection: await NativeConnection.connect({ address: shared.temporalAddress }),
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    dataConverter,
    activities,
  });
  done = worker.run();
}, 60_000);
afterAll(async () => {
  worker.shutdown();
  await done;
  await temporal.close();
  await sql.end();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  payments.card = 'good';
});

const quick: DunningWaits = { reminder: 1, due: 1, retries: [1, 1, 1], suspension: 1 };
const never = 3_600_000;

async function start(
  invoice: { id: string; organization_id: string },
  waits: Partial<DunningWaits> = { reminder: never },
) {
  const { id, organization_id } = invoice;
  await temporal.client.workflow.start('dunningWorkflow', {
    workflowId: `dunning:${id}`,
    taskQueue,
    args: [{ organization_id, invoice_id: id, waits: { ...quick, ...waits } }],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}
const dunning = (id: string) => temporal.client.workflow.getHandle(`dunning:${id}`);

/** Work that nothing has paid. */
const work = (organizationId: string) =>
  sql.query(
    `INSERT INTO usage_records (id, organization_id, workflow_id, usage_type, quantity, unit_price_cents, total_cents, source, free_tier_used, billed)
     VALUES ($1, $2, $3, 'workflow_completion', 1, 1000, 1000, 'invoice', false, false)`,
    [randomUUID(), organizationId, `spec:${randomUUID()}`],
  );

/** An organization with a card that agreed to invoices, with work that nothing has paid and some credit. */
async function debtor({ workflows = 2, credit = 0, card = 'Visa 4242' as string | null, agreed = true } = {}) {
  const slug = randomBytes(6).toString('hex');
  const { organization } = await newPlace(store, slug);
  const { id } = organization;
  await sql.query(
    `UPDATE billing_accounts SET auto_billing = $2, card = $3, stripe_customer_id = $4, status = 'active' WHERE organization_id = $1`,
    [id, agreed, card, `cus_${slug}`],
  );
  if (credit > 0) await store.billing.addCredit(id, credit, 'first');
  for (let n = 0; n < workflows; n += 1) await work(id);
  const invoiced = async () => {
    const invoice = await store.invoices.create(id, { due_seconds: 604_800, tax_percent: 0 });
    if (!invoice) throw new Error('there is nothing to invoice');
    return invoice;
  };
  const status = async () => (await store.billing.account(id)).status;
  const mails = async () => {
    const { items } = await store.mails.list({ limit: 200 });
    return items.filter(({ recipient }) => recipient === `${slug}@example.test`).reverse();
  };
  return { id, slug, invoiced, status, mails, invoice: (invoiceId: string) => store.invoices.get(id, invoiceId) };
}

test('[BILL-10] work that nothing has paid is invoiced once; credit pays before the card', async () => {
  const { id, invoiced } = await debtor({ credit: 500 });
  const [first, again] = await Promise.all([
    store.invoices.create(id, { due_seconds: 604_800, tax_percent: 0 }),
    store.invoices.create(id, { due_seconds: 604_800, tax_percent: 0 }),
  ]);
  const invoice = first ?? again;
  expect([first, again].filter(Boolean)).toHaveLength(1);
  expect(invoice).toMatchObject({ status: 'open', subtotal: 2000, credits_applied: 500, amount_paid: 0 });
  expect(invoice?.number).toMatch(/^INV-\d{6}-[0-9A-F]{8}$/);
  await expect(invoiced()).rejects.toThrow('nothing to invoice');
  expect(await store.billing.account(id)).toMatchObject({ credit_cents: 0 });
  expect(await store.billing.differences()).toEqual([]);
  const paidByCredit = await debtor({ workflows: 1, credit: 5000 });
  expect(await paidByCredit.invoiced()).toMatchObject({ status: 'paid', credits_applied: 1000 });
});

test('[BILL-11] a declined card makes the invoice late, a good one pays it, and one request is one payment', async () => {
  const { id, invoiced, invoice } = await debtor();
  const { id: invoiceId } = await invoiced();
  await start({ id: invoiceId, organization_id: id });
  const pay = (request: string) => dunning(invoiceId).executeUpdate(payInvoiceUpdate, { args: [{ request }] });
  payments.card = 'refused';
  expect(await pay('a')).toEqual({ status: 'failed', failure: 'Your card was declined.' });
  expect(await invoice(invoiceId)).toMatchObject({ status: 'past_due' });
  payments.card = 'good';
  expect(await pay('a')).toMatchObject({ status: 'failed' });
  const before = payments.cents;
  expect(await Promise.all([pay('b'), pay('b')])).toEqual([
    { status: 'paid', failure: null },
    { status: 'paid', failure: null },
  ]);
  await dunning(invoiceId).result();
  expect(payments.cents - before).toBe(2000);
  expect(await invoice(invoiceId)).toMatchObject({ status: 'paid', amount_paid: 2000 });
});

test('[BILL-11] a payment whose answer was lost is taken once, and one that the bank is slow with ends by its event', async () => {
  const before = payments.cents;
  const lost = await debtor();
  const first = await lost.invoiced();
  payments.card = 'lost';
  await start(first, {});
  await dunning(first.id).result();
  expect(payments.cents - before).toBe(2000);
  expect((await lost.invoice(first.id)).payments).toHaveLength(1);

  const slow = await debtor();
  const second = await slow.invoiced();
  payments.card = 'slow';
  await start(second, { retries: [never] });
  await eventually('the bank has the payment', async () =>
    Boolean((await slow.invoice(second.id)).payments[0]?.payment_intent_id),
  );
  const [payment] = (await slow.invoice(second.id)).payments;
  const report = {
    organization_id: slow.id,
    invoice_id: second.id,
    payment_intent_id: payment?.payment_intent_id ?? '',
  };
  await reportPayment(services, report);
  expect(await slow.invoice(second.id)).toMatchObject({ status: 'open' });
  payments.end(report.payment_intent_id, 'succeeded');
  await Promise.all([reportPayment(services, report), reportPayment(services, report)]);
  await dunning(second.id).result();
  expect(await slow.invoice(second.id)).toMatchObject({ status: 'paid', amount_paid: 2000 });
});

test('[BILL-11] wherever a process dies in a payment, the next try finishes it, and the money is taken once', async () => {
  const { id, invoiced, invoice } = await debtor({ workflows: 1 });
  const steps = ['beginPayment', 'charge', 'recordPayment'];
  for (const step of steps)
    for (const when of ['before', 'after']) {
      await work(id);
      const { id: invoiceId } = await invoiced();
      const [taken, death] = [payments.cents, new Error('the process died')];
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
      const mortal = { ...services, payments: dying(payments), store: { ...store, invoices: dying(store.invoices) } };
      const attempt = { organization_id: id, invoice_id: invoiceId, attempt: 'due', asked: false };
      await expect(takePayment(mortal as unknown as Services, attempt)).rejects.toBe(death);
      expect(await takePayment(mortal as unknown as Services, attempt)).toEqual({ status: 'paid', failure: null });
      expect([step, when, payments.cents - taken]).toEqual([step, when, (await invoice(invoiceId)).amount_paid]);
    }
  expect(await store.billing.differences()).toEqual([]);
});

test('[BILL-12] [BILL-13] an unpaid invoice is tried again three times, mailed each time, and suspends the account until it is paid', async () => {
  const { id, invoiced, invoice, status, mails, slug } = await debtor();
  const { id: invoiceId, number } = await invoiced();
  payments.card = 'refused';
  await start({ id: invoiceId, organization_id: id }, {});
  await eventually('the account is suspended', async () => (await status()) === 'suspended');
  await eventually('the last mail is there', async () => (await mails()).length === 7);
  expect((await mails()).map(({ subject }) => subject)).toEqual([
    `Invoice ${number} of ${slug}: $20.00`,
    expect.stringMatching(`^Invoice ${number} of ${slug} is due on \\d{4}-`),
    ...Array.from({ length: 3 }, () => `Invoice ${number} of ${slug}: payment failed`),
    `Invoice ${number} of ${slug}: last try failed`,
    `${slug} is suspended`,
  ]);
  expect(await store.billing.canStart(id)).toMatchObject({ can_execute: true });
  expect((await invoice(invoiceId)).payments.map((payment) => payment.status)).toEqual(Array(4).fill('failed'));
  expect(await dunning(invoiceId).query(progressQuery)).toMatchObject({
    state: 'waiting',
    step: 'the account is suspended until a person pays the invoice',
  });
  payments.card = 'good';
  await dunning(invoiceId).executeUpdate(payInvoiceUpdate, { args: [{}] });
  await dunning(invoiceId).result();
  expect(await status()).toBe('active');
  expect((await mails()).at(-1)?.subject).toBe(`Invoice ${number} of ${slug} is paid`);
});

test('[BILL-12] a card is charged by itself only where the organization has agreed to it', async () => {
  const { id, invoiced, invoice } = await debtor({ agreed: false });
  const { id: invoiceId } = await invoiced();
  const before = payments.asked.length;
  await start({ id: invoiceId, organization_id: id }, { retries: [never] });
  await eventually('the invoice is late', async () => (await invoice(invoiceId)).status === 'past_due');
  expect(payments.asked).toHaveLength(before);
});

test('[BILL-13] the months of an account: one invoice, one mail about low credit, each once', async () => {
  const { id, slug, mails } = await debtor({ credit: 300, workflows: 0 });
  await temporal.client.workflow.start('billingCycleWorkflow', {
    workflowId: `billing:${id}`,
    taskQueue,
    args: [{ organization_id: id, invoice_every: 150, check_every: 50 }],
  });
  const cycle = temporal.client.workflow.getHandle(`billing:${id}`);
  await eventually('the mail about low credit is there', async () => (await mails()).length > 0);
  await work(id);
  await eventually(
    'the month is invoiced',
    async () => (await store.invoices.list(id, {}, { limit: 9 })).items.length > 0,
  );
  const { items } = await store.invoices.list(id, {}, { limit: 9 });
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
  await sql.query('DELETE FROM organizations WHERE id = $1', [id]);
  await cycle.result();
  await dunning(items[0]?.id ?? '').signal(paymentReportedSignal, {});
  await dunning(items[0]?.id ?? '').result();
});
