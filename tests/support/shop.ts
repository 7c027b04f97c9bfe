import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Stripe from 'stripe';
import type { Services } from '#activities/ports/services.ts';
import { loadConfig } from '#activities/services/config.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { takeStripeEvent } from '#server/usecases/stripe-events.ts';
import { billingRules } from './billing.ts';
import { openStore } from './own-store.ts';
import { createPayments } from './payments.ts';
import { StripeStub, type StubEvent } from './stripe.ts';

/** The use cases of payments with a database of their own and Stripe's stub, without a server. */
export async function openShop() {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-stripe-'));
  const database = await openDatabase({ dataDir: path.join(folder, 'database'), socketDir: folder });
  await applyMigrations(database.url);
  const store = openStore(database.url, { ...billingRules, enforced: true });
  const stub = await new StripeStub().start();
  const payments = createPayments(stub.url, { api_key: stub.key, webhook_secret: stub.secret });
  const warnings: string[] = [];
  const log = { warn: (_data: object, message: string) => warnings.push(message), error: () => undefined };
  const config = loadConfig({ data_dir: folder, env: 'test' }, {});
  const services = { store, payments, log, config, mail: { delivers: false } } as unknown as Services;
  const signer = new Stripe('sk_test_of_nobody');
  return {
    url: database.url,
    ...{ store, stub, payments, services, warnings },
    take: (event: StubEvent, secret = stub.secret) => {
      const payload = JSON.stringify(event);
      const signature = signer.webhooks.generateTestHeaderString({ payload, secret });
      return takeStripeEvent(services, Buffer.from(payload), signature);
    },
    /** An organization that is a customer at the stub. */
    buyer: async () => {
      const slug = randomUUID();
      const owner = await store.identity.createUser({ email: `${slug}@example.test`, hashed_password: null });
      const { id } = await store.identity.createOrganization({ name: slug, slug, owner_id: owner.id });
      const customer_id = await payments.createCustomer({ id, name: slug, email: null });
      await store.payments.setCustomer(id, customer_id);
      return {
        organization_id: id,
        customer_id,
        success_url: 'http://localhost/ok',
        cancel_url: 'http://localhost/no',
      };
    },
    close: async () => {
      stub.stop();
      await store.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
