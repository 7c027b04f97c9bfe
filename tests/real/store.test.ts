import { randomUUID } from 'node:crypto';
import { openDatabaseClient, type Database } from '#prisma/client.ts';
import { appliedMigrations, applyMigrations, pendingMigrations } from '#prisma/migrator.ts';
import { billingRules } from '#tests/support/billing.ts';
import { createStore } from '#prisma/store/index.ts';
import type { CostEntry } from '#prisma/store/recorded-costs.ts';
import type { Store } from '#activities/ports/store.ts';
import { createModelPermits } from '#activities/services/model-permits.ts';
import { eventually } from '#tests/support/api.ts';
import { permitCrowd } from '#tests/support/permit-crowd.ts';
import { newPlace } from '#tests/support/own-store.ts';
import { newDatabase, query, serverUrl, Wire } from './services.ts';

interface Process {
  database: Database;
  store: Store;
  close(): Promise<void>;
}

/** The store as a process of its own would have it. */
function openStore(url: string): Process {
  const database = openDatabaseClient({ url, pool: 10, pool_timeout: 10, command_timeout: 20 });
  return {
    database,
    store: createStore(database, {
      notify: () => undefined,
      invalidEvent: (problem) => {
        throw new Error(problem);
      },
      alert_threshold: 0.8,
      critical_threshold: 0.95,
      billing: billingRules,
    }),
    close: () => database.close(),
  };
}

describe('migrations on PostgreSQL', () => {
  test('[DATA-01] started by two processes at once they are applied once, and a repetition changes nothing', async () => {
    const database = await newDatabase();
    const applied = await Promise.all([
      applyMigrations(database.url),
      applyMigrations(database.url),
      applyMigrations(database.url),
    ]);
    const [first] = applied.filter((names) => names.length > 0);
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    expect(await appliedMigrations(database.url)).toEqual(first);
    expect(await applyMigrations(database.url)).toEqual([]);
    expect(await pendingMigrations(database.url)).toEqual([]);
    expect(await query(database.url, 'SELECT migration_name FROM _prisma_migrations')).toHaveLength(first?.length ?? 0);
    expect(await query(database.url, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")).toHaveLength(1);
    await database.drop();
  });

  test('[DATA-01] a database that a newer version wrote is refused and left as it is', async () => {
    const database = await newDatabase();
    await applyMigrations(database.url);
    await query(
      database.url,
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ('x', 'x', '29990101000000_from_tomorrow', now(), 1)",
    );
    await expect(applyMigrations(database.url)).rejects.toThrow(
      /newer OmoiOS.*29990101000000_from_tomorrow.*Nothing was changed/,
    );
    await database.drop();
  });
});

describe('two processes on one PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof newDatabase>>;
  let wire: Wire;
  let one: Process;
  let other: Process;
  let organization: string;

  beforeAll(async () => {
    database = await newDatabase();
    await applyMigrations(database.url);
    wire = await Wire.to(database.url);
    one = openStore(wire.url);
    other = openStore(database.url);
    const user = await one.store.identity.createUser({
      email: 'owner@example.test',
      full_name: 'Owner',
      hashed_password: 'none',
      is_verified: true,
    });
    organization = (
      await one.store.identity.createOrganization({ name: 'Acme', slug: 'acme', owner_id: user.id, plan: 'local' })
    ).id;
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await wire.stop();
    await database.drop();
  });

  const scope = (type: 'global' | 'project', id: string) => ({ type, id });
  const cost = (key: string, project: string, micros: number): CostEntry => ({
    key,
    organization_id: organization,
    project_id: project,
    kind: 'task',
    provider: 'test',
    model: 'model',
    input_tokens: 1,
    output_tokens: 1,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    input_micros: 0,
    output_micros: micros,
    cost_micros: micros,
  });

  test('race for the last credit: the budget is never passed, from any caller', async () => {
    const project = randomUUID();
    const scopes = [scope('global', organization), scope('project', project)];
    await one.store.budgets.set({
      organization_id: organization,
      scope: scope('global', organization),
      limit_micros: 1_000_000,
    });
    await one.store.budgets.set({
      organization_id: organization,
      scope: scope('project', project),
      limit_micros: 1000,
    });
    const asked = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        (i % 2 ? one : other).store.budgets.reserve({
          key: `call:${i}`,
          organization_id: organization,
          run_id: null,
          scopes: i % 3 ? scopes : [...scopes].reverse(),
          wanted: 100,
          least: 100,
        }),
      ),
    );
    expect(asked.filter((answer) => answer.ok)).toHaveLength(10);
    const held = asked.flatMap((answer, i) => (answer.ok ? [i] : []));
    // Settled twice, by both: charged once. Meanwhile others go on asking, in whatever order the rows lie.
    await Promise.all([
      ...held.flatMap((i) => [one, other].map((process) => process.store.costs.record(cost(`call:${i}`, project, 60)))),
      ...Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? one : other).store.budgets.reserve({
          key: `late:${i}`,
          organization_id: organization,
          run_id: null,
          scopes,
          wanted: 100,
          least: 100,
        }),
      ),
    ]);
    const budget = await one.store.budgets.get(organization, scope('project', project));
    expect(budget.spent_micros).toBe(600);
    expect(budget.held_micros + budget.spent_micros).toBeLessThanOrEqual(1000);
  });

  test('no more calls of a provider are under way than its limit, and none is left behind', async () => {
    const processes = [one, other, one].map(({ store }) => createModelPermits(store, 5));
    const { most, order } = await permitCrowd(processes, organization, 60);
    expect(most).toBeLessThanOrEqual(5);
    expect(new Set(order).size).toBe(180);
    await eventually(
      'all are given back',
      async () => (await query(database.url, 'SELECT 1 FROM model_permits')).length === 0,
    );
  });

  test('events of both are numbered without a gap, in the order of their commits', async () => {
    const from = await one.store.events.newest(organization);
    const seen: number[] = [];
    let reading = true;
    const reader = (async () => {
      for (let at = from; reading || seen.length < 120;) {
        for (const event of await other.store.events.after(organization, at, 50)) seen.push((at = event.seq));
      }
    })();
    await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        (i % 2 ? one : other).store.budgets.set({
          organization_id: organization,
          scope: scope('project', randomUUID()),
          limit_micros: 5,
        }),
      ),
    );
    reading = false;
    await reader;
    // A reader who follows the numbers sees each once: none comes in behind his back.
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => from + i + 1));
  });

  test('[MERGE-11] of many tasks that lock a thing for themselves at once, from both, one wins; the next has a higher fence', async () => {
    const place = await newPlace(one.store, 'locks');
    const at = { organization_id: place.organization.id, project_id: place.project.id };
    const work = { title: 't', description: 'd', priority: 'LOW', phase_id: 'PHASE_BACKLOG' };
    const { ticket } = await one.store.tickets.create({
      ...{ ...at, ...work, id: randomUUID(), user_id: null, status: 'backlog', workflow_mode: 'spec_driven' },
    });
    const tasks = await Promise.all(
      Array.from({ length: 12 }, () =>
        one.store.tasks.create({ ...at, ...work, ticket_id: ticket.id, task_type: 'implementation' }),
      ),
    );
    const thing = { resource_type: 'environment', resource_id: 'staging' };
    const { organization_id } = at;
    const fences: number[] = [];
    let left = tasks.map(({ id }) => id);
    while (left.length > 8) {
      const asked = await Promise.allSettled(
        left.map((task_id, i) =>
          (i % 2 ? one : other).store.locks.acquire(
            {
              ...{ organization_id, task_id, ...thing, mode: 'exclusive', locked_by: 'ada@example.test' },
              expires_at: new Date(Date.now() + 60_000),
            },
            new Date(),
          ),
        ),
      );
      const won = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      expect(won).toHaveLength(1);
      for (const answer of asked)
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'conflict' });
      for (const { task_id, fence } of won) {
        fences.push(fence);
        left = left.filter((id) => id !== task_id);
        await other.store.locks.release(organization_id, task_id, thing);
      }
    }
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
  });

  test('a one-time link and a live ticket are spent once', async () => {
    const user = await one.store.identity.userByEmail('owner@example.test');
    await one.store.identity.createLink(user?.id as string, 'link-hash', new Date(Date.now() + 60_000));
    const spent = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).store.identity.spendLink('link-hash')),
    );
    expect(spent.filter(Boolean)).toHaveLength(1);
  });

  test('a connection cut within a transaction leaves nothing of it, and is reported as a wait', async () => {
    const project = randomUUID();
    await one.store.budgets.set({
      organization_id: organization,
      scope: scope('project', project),
      limit_micros: 1000,
    });
    // Somebody holds the row, so that the change stands in the middle of its work when the line goes.
    const blocker = await other.database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM budgets WHERE scope_id = $1 FOR UPDATE', [project]);
    const settled = one.store.costs.record(cost('cut', project, 60));
    settled.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    wire.sever();
    await expect(settled).rejects.toMatchObject({ code: 'unavailable' });
    await blocker.query('COMMIT');
    blocker.release();
    expect(await query(database.url, "SELECT 1 FROM cost_records WHERE id = 'cut'")).toEqual([]);
    expect(await one.store.costs.record(cost('cut', project, 60))).toBe(true);
    expect((await one.store.budgets.get(organization, scope('project', project))).spent_micros).toBe(60);
  });

  test('a crashed server is waited for: the same call goes through once it is back', async () => {
    // The death of one of its processes makes PostgreSQL start all of itself anew.
    const [row] = await query<{ pid: number }>(
      serverUrl(),
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'",
    );
    process.kill(row?.pid as number, 'SIGKILL');
    let away = 0;
    await eventually('it was away and is back', async () => {
      try {
        await one.store.events.newest(organization);
        return away > 0;
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable' });
        away += 1;
        return false;
      }
    });
  });
});
