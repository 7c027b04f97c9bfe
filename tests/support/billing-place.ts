import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import pg from 'pg';
import { createBillingActivities } from '#activities/billing/index.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Store } from '#activities/ports/store.ts';
import { toFailure } from '#activities/support/failures.ts';
import { loadConfig } from '#activities/services/config.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { bundlePath } from '#temporal/bundle.ts';
import { dataConverter } from '#temporal/data-converter.ts';
import { paymentReportedSignal, type DunningWaits } from '#workflows/contracts/billing.ts';
import { unpaidWork } from './billing.ts';
import { FakePayments } from './fake-payments.ts';
import { newPlace, openStore } from './own-store.ts';
import { connectToTemporal } from './temporal.ts';

const quick: DunningWaits = { reminder: 1, due: 1, retries: [1, 1, 1], suspension: 1 };
export const never = 3_600_000;

/** Accounts of a database of their own, whose workflows run on a Temporal server that others use too, with short waits. */
export class BillingPlace {
  readonly payments = new FakePayments();
  readonly services: Services;
  private readonly taskQueue = `billing-${randomUUID()}`;
  private done!: Promise<void>;
  private worker!: Worker;

  private constructor(
    readonly store: Store,
    readonly sql: pg.Client,
    readonly client: Client,
    private readonly end: () => Promise<void>,
    folder: string,
  ) {
    this.services = {
      store,
      payments: this.payments,
      config: loadConfig({ data_dir: folder, env: 'test' }, {}),
      mail: { delivers: false },
      workflows: {
        startDunning: async (invoice: { id: string; organization_id: string }) => {
          await this.start(invoice);
          return 'started';
        },
        signalIfRunning: async (id: string) => {
          await client.workflow.getHandle(id).signal(paymentReportedSignal, {});
          return true;
        },
      },
    } as unknown as Services;
  }

  static async open(temporalAddress: string): Promise<BillingPlace> {
    const folder = await mkdtemp(path.join(tmpdir(), 'omoios-billing-'));
    const database = await openDatabase({ socketDir: folder });
    await applyMigrations(database.url);
    const sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    const temporal = await connectToTemporal(temporalAddress);
    const close = async () => {
      await temporal.close();
      await sql.end();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    };
    const place = new BillingPlace(openStore(database.url), sql, temporal.client, close, folder);
    const activities = Object.fromEntries(
      Object.entries(createBillingActivities(place.services)).map(([name, run]) => [
        name,
        (input: never) =>
          run(input).catch((error: unknown) => {
            throw toFailure(error);
          }),
      ]),
    );
    place.worker = await Worker.create({
      connection: await NativeConnection.connect({ address: temporalAddress }),
      taskQueue: place.taskQueue,
      workflowBundle: { codePath: bundlePath },
      dataConverter,
      activities,
    });
    place.done = place.worker.run();
    return place;
  }

  async close(): Promise<void> {
    this.worker.shutdown();
    await this.done;
    await this.end();
  }

  dunning = (id: string) => this.client.workflow.getHandle(`dunning:${id}`);

  async start(
    { id, organization_id }: { id: string; organization_id: string },
    waits: Partial<DunningWaits> = { reminder: never },
  ): Promise<void> {
    await this.client.workflow.start('dunningWorkflow', {
      workflowId: `dunning:${id}`,
      taskQueue: this.taskQueue,
      args: [{ organization_id, invoice_id: id, waits: { ...quick, ...waits } }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  }

  /** Starts the months of an account. */
  startCycle = (organizationId: string, every: { invoice: number; check: number }) =>
    this.client.workflow.start('billingCycleWorkflow', {
      workflowId: `billing:${organizationId}`,
      taskQueue: this.taskQueue,
      args: [{ organization_id: organizationId, invoice_every: every.invoice, check_every: every.check }],
    });

  /** Work that nothing has paid. */
  work = (organizationId: string) => this.sql.query(unpaidWork, [randomUUID(), organizationId, `spec:${randomUUID()}`]);

  /** An organization with a card that agreed to invoices, with work that nothing has paid and some credit. */
  async debtor({ workflows = 2, credit = 0, agreed = true } = {}) {
    const { store, sql } = this;
    const slug = randomBytes(6).toString('hex');
    const { organization } = await newPlace(store, slug);
    const { id } = organization;
    await sql.query(
      `UPDATE billing_accounts SET auto_billing = $2, card = 'Visa 4242', stripe_customer_id = $3, status = 'active' WHERE organization_id = $1`,
      [id, agreed, `cus_${slug}`],
    );
    if (credit > 0) await store.billing.addCredit(id, credit, 'first');
    for (let n = 0; n < workflows; n += 1) await this.work(id);
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
}
