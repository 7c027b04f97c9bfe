import type { Services } from '#activities/ports/services.ts';
import { createRetentionActivities } from '#activities/platform/trim-tables.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '#activities/services/config.ts';
import { openDatabaseClient } from '#prisma/client.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { billingRules } from '#tests/support/billing.ts';
import { createStore } from '#prisma/store/index.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { eventually } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import { startStubApp, user } from '#tests/support/stub-app.ts';

const day = 86_400_000;
const now = new Date();
const ago = (days: number) => new Date(now.getTime() - days * day);

let folder: string;
let database: Awaited<ReturnType<typeof openDatabase>>;
let client: ReturnType<typeof openDatabaseClient>;
let store: ReturnType<typeof createStore>;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'omoios-retention-'));
  database = await openDatabase({ dataDir: path.join(folder, 'database'), socketDir: folder });
  await applyMigrations(database.url);
  client = openDatabaseClient({ url: database.url, pool: 4, pool_timeout: 10, command_timeout: 10 });
  store = createStore(client, {
    notify: () => undefined,
    invalidEvent: () => undefined,
    alert_threshold: 0.8,
    critical_threshold: 0.95,
    billing: billingRules,
  });
});
afterAll(async () => {
  await store.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

test('old rows are deleted by the settings, events without a gap, and who asks for them is told where to continue', async () => {
  const owner = await store.identity.createUser({ email: 'a@example.test', hashed_password: null });
  const { id } = await store.identity.createOrganization({ name: 'A', slug: 'a', owner_id: owner.id });
  const { prisma } = client;
  const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  // Number 3 is younger than 4: an event's time is that of the begin of its transaction.
  const ages = [200, 190, 179, 181, 10];
  await prisma.event.deleteMany();
  await prisma.event.createMany({
    data: ages.map((age, n) => ({
      organization_id: id,
      seq: n + 1,
      id: uuid(n),
      type: 'x.y',
      entity_kind: 'organization',
      entity_id: id,
      data: {},
      at: ago(age),
    })),
  });
  await prisma.organization.update({ where: { id }, data: { event_seq: ages.length } });
  const ends = (n: number) => ({ token_hash: String(n), user_id: owner.id, organization_id: id, expires_at: ago(n) });
  await prisma.liveTicket.createMany({ data: [ends(3), ends(1)] });
  const cycle = (n: number) => ({
    id: uuid(n),
    organization_id: id,
    project_id: id,
    loop: 'health',
    ok: true,
    interventions: 0,
    duration_ms: 1,
    created_at: ago(n),
  });
  await prisma.watchCycle.createMany({ data: [...Array.from({ length: 1200 }, (_, n) => cycle(n + 15)), cycle(1)] });
  await prisma.idempotencyKey.createMany({
    data: [3, 1].map((n) => ({ actor: 'a', key: String(n), request_hash: 'x', created_at: ago(n) })),
  });
  await prisma.signinAttempt.createMany({ data: [31, 1].map((n) => ({ email: String(n), updated_at: ago(n) })) });
  await prisma.session.createMany({
    data: [31, 1].map((n) => ({ id: uuid(n), user_id: owner.id, refresh_jti: String(n), expires_at: ago(n) })),
  });
  await prisma.auditEntry.createMany({
    data: [366, 1].map((n) => ({ id: uuid(n), event: 'logout', created_at: ago(n) })),
  });
  await prisma.mail.createMany({
    data: [31, 1].map((n) => ({ id: uuid(n), recipient: 'a', subject: 's', text: 't', created_at: ago(n) })),
  });
  const told = { organization_id: id, user_id: owner.id, kind: 'pr_created', severity: 'normal', text: 't', link: '/' };
  await prisma.notification.createMany({
    data: [91, 1].map((n) => ({ ...told, in_app: true, created_at: ago(n) })),
  });
  const alert = { organization_id: id, rule: 'r', metric: 'm', severity: 'info', current_value: 1, threshold: 0 };
  const about = { message: 'm', labels: {}, labels_key: '[]', link: '/' };
  await prisma.alert.createMany({ data: [91, 1].map((n) => ({ ...alert, ...about, resolved_at: ago(n) })) });
  const odd = {
    organization_id: id,
    project_id: id,
    metric: 'm',
    value: 9,
    usual: 1,
    deviation: 3,
    severity: 'critical',
  };
  await prisma.monitorAnomaly.createMany({
    data: [91, 1].map((n) => ({ ...odd, id: uuid(n), terms: {}, created_at: ago(n) })),
  });
  await prisma.inboxSnooze.createMany({
    data: [3, 1].map((n) => ({ user_id: owner.id, organization_id: id, item_id: String(n), until: ago(n) })),
  });
  await prisma.rateLimit.createMany({ data: [3, 1].map((n) => ({ key: String(n), points: 1, expire: ago(n) })) });

  const kept = loadConfig({}, {}).retention;
  expect(await store.retention.trim(kept, now)).toEqual({
    events: 4,
    watch_cycles: 1200,
    idempotency_keys: 1,
    live_tickets: 1,
    one_time_links: 0,
    signin_challenges: 0,
    oauth_states: 0,
    signin_attempts: 1,
    sessions: 1,
    audit_entries: 1,
    mails: 1,
    notifications: 1,
    alerts: 1,
    alert_deliveries: 0,
    mcp_invocations: 0,
    watchdog_actions: 0,
    monitor_anomalies: 1,
    inbox_snoozes: 1,
    rate_limits: 1,
  });
  expect(Object.values(await store.retention.trim(kept, now))).toEqual(Array(19).fill(0));
  expect(await prisma.signinAttempt.count()).toBe(1);

  expect(await store.billing.differences()).toEqual([]);
  await prisma.billingAccount.update({ where: { organization_id: id }, data: { credit_cents: 7 } });
  expect(await store.billing.differences()).toEqual([{ organization_id: id, credit_cents: 7, entered_cents: 0 }]);

  const key = { id: 'k', user_id: 'u', user, is_active: true, scopes: ['*:*'], organization_id: id };
  const app = await startStubApp(
    { events: store.events },
    {
      identity: {
        keyByHash: () => Promise.resolve(key),
        grantsOf: () => Promise.resolve([{ organization_id: id, role: 'owner', permissions: ['*:*'] }]),
      },
    },
  );
  const get = async (query: string) => {
    const answer = await fetch(`${app.url}/api/v1/events${query}`, { headers: { authorization: 'Bearer sk_live_x' } });
    return { status: answer.status, body: (await answer.json()) as unknown };
  };
  for (const after of [0, 3])
    expect(await get(`?after=${after}`)).toMatchObject({
      status: 410,
      body: { error: 'gone', details: { oldest: 5 } },
    });
  for (const query of ['', '?after=4'])
    expect(await get(query)).toMatchObject({ status: 200, body: { items: [{ seq: 5 }] } });
  const late = await LiveFeed.open(app.url, 'sk_live_x', 'after=3');
  await eventually('the feed is closed', () => late.closed === 4410, 10_000);
  expect(late.messages).toMatchObject([{ error: 'gone', details: { oldest: 5 } }]);
  const next = await LiveFeed.open(app.url, 'sk_live_x', 'after=4');
  await eventually('the kept event arrives', () => next.events.length === 1, 10_000);
  next.close();
  const beyond = await LiveFeed.open(app.url, 'sk_live_x', 'after=4000');
  await eventually('the feed of numbers that began again is closed', () => beyond.closed === 4410, 10_000);
  expect(beyond.messages).toMatchObject([{ error: 'gone', details: { oldest: 6 } }]);

  // Without any event left, a listener continues after the newest number.
  await store.retention.trim({ ...kept, events: 1 }, now);
  expect(await get('?after=4')).toMatchObject({ status: 410, body: { details: { oldest: 6 } } });
  expect(await get('?after=5')).toMatchObject({ status: 200, body: { items: [] } });
  app.close();

  // Each night, until a person has looked: one alert.
  const log = { error: () => undefined } as unknown as Services['log'];
  const { trimTables } = createRetentionActivities({ config: loadConfig({}, {}), store, log });
  await trimTables();
  await trimTables();
  const { items: alerts } = await store.alerts.list(id, { state: 'open' }, { limit: 10 });
  expect(alerts).toMatchObject([{ rule: 'ledger_difference', severity: 'critical', open_key: expect.any(String) }]);
});
