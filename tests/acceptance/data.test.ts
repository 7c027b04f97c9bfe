import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { openDatabaseClient } from '#prisma/client.ts';
import { Prisma } from '#prisma/generated/client.ts';
import { jsonParameter } from '#prisma/store/core.ts';
import { applyMigrations, NewerDatabaseError } from '#prisma/migrator.ts';
import { loadConfig, rootDir, type ConfigError } from '#activities/services/config.ts';
import type { Call } from '#server/http/context.ts';
import { executeSpec } from '#server/usecases/specs.ts';
import { programArguments } from '#scripts/supervisor/programs.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { newPlace, openStore } from '#tests/support/own-store.ts';

describe('the database', () => {
  let folder: string;
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let sql: pg.Client;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'omoios-data-'));
    database = await openDatabase({ socketDir: folder });
  });
  afterAll(async () => {
    await sql.end();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('[DATA-01] an empty one is brought up once, each change of state leaves one event, and likeness is looked up by index', async () => {
    const [first] = await applyMigrations(database.url);
    expect(first).toMatch(/^\d{14}_initial$/);
    expect(await applyMigrations(database.url)).toEqual([]);
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();

    const store = openStore(database.url);
    const { owner, organization, project } = await newPlace(store, 'a');
    const { ticket, task } = await store.tickets.create(
      {
        organization_id: organization.id,
        project_id: project.id,
        user_id: owner.id,
        title: 't',
        description: 'd',
        priority: 'MEDIUM',
        status: 'backlog',
        phase_id: 'PHASE_IMPLEMENTATION',
        workflow_mode: 'quick',
      },
      { task_type: 'x', criteria: [], execution_config: {} },
    );
    const id = task?.id ?? '';
    const before = await store.events.newest(organization.id);
    await store.tasks.claim(organization.id, id);
    for (const status of ['assigned', 'running', 'completed']) await store.tasks.move(organization.id, id, status);
    // A repeated change and a change that the table does not allow emit nothing.
    await store.tasks.move(organization.id, id, 'completed');
    await expect(store.tasks.move(organization.id, id, 'running')).rejects.toThrow('cannot become running');
    const changes = (await store.events.after(organization.id, before, 100))
      .filter((event) => event.type === 'task.status_changed')
      .map((event) => `${String(event.data.old_status)} > ${String(event.data.status)}`);
    expect(changes).toEqual(['pending > claiming', 'claiming > assigned', 'assigned > running', 'running > completed']);
    // A change that is rolled back stores no event.
    const newest = await store.events.newest(organization.id);
    await expect(
      store.tasks.setDependencies(organization.id, id, () => ['5b3b8a0c-0000-4000-8000-000000000000']),
    ).rejects.toThrow('Unknown tasks');
    expect(await store.events.newest(organization.id)).toBe(newest);

    const vector = (n: number) => Array.from({ length: 1536 }, (_, i) => Math.sin(i * (n + 1)));
    for (let n = 0; n < 40; n += 1)
      await store.tickets.create({
        organization_id: organization.id,
        project_id: project.id,
        user_id: null,
        title: `Ticket ${n}`,
        description: 'd',
        priority: 'LOW',
        status: 'backlog',
        phase_id: 'PHASE_BACKLOG',
        workflow_mode: 'spec_driven',
        embedded: { vector: vector(n), by: 'lexical' },
      });
    const [alike] = await store.tickets.similar(
      project.id,
      'Something',
      'else',
      [{ vector: vector(7), by: 'lexical' }],
      0.9,
    );
    expect(alike?.title).toBe('Ticket 7');
    await sql.query('SET enable_seqscan = off');
    await sql.query('SET enable_bitmapscan = off');
    const { rows } = await sql.query(
      `EXPLAIN SELECT id FROM tickets ORDER BY embedding <=> '[${vector(7).join(',')}]'::vector LIMIT 5`,
    );
    expect(rows.map((row) => row['QUERY PLAN'] as string).join('\n')).toContain(
      'Index Scan using tickets_embedding_idx',
    );
    for (const gone of ['phase_gates', 'playbooks', 'branch_workflows'])
      expect((await sql.query('SELECT to_regclass($1) AS found', [gone])).rows[0].found).toBeNull();
    expect(ticket.organization_id).toBe(organization.id);

    // A claim that is renewed stays with the request that runs; one that is not renewed is taken up again.
    const claim = () => store.identity.claimRequest('someone', 'a key', 'a hash', 300);
    expect(await claim()).toBeNull();
    await sleep(350);
    await store.identity.renewRequest('someone', 'a key');
    expect(await claim()).toMatchObject({ status: null });
    await sleep(350);
    expect(await claim()).toBeNull();
    await store.close();
  }, 240_000);

  test('a ticket and its budget are stored together, and the running twin of a spec is found behind a newer ended one', async () => {
    const store = openStore(database.url);
    const { organization, project } = await newPlace(store, 'b');
    const at = { organization_id: organization.id, project_id: project.id, user_id: null };
    const ticket = (id: string, budget_micros: number) =>
      store.tickets.create({
        ...at,
        id,
        title: 't',
        description: 'd',
        priority: 'LOW',
        status: 'backlog',
        phase_id: 'PHASE_BACKLOG',
        workflow_mode: 'quick',
        budget_micros,
      });
    const [bounded, refused] = [randomUUID(), randomUUID()];
    await ticket(bounded, 5000);
    expect(await store.budgets.ofScope(organization.id, { type: 'ticket', id: bounded })).toMatchObject({
      limit_micros: 5000,
    });
    // The amount cannot be stored, so the ticket must not be there without its limit either.
    await expect(ticket(refused, 0.5)).rejects.toThrow();
    expect(await store.tickets.find(organization.id, refused)).toBeNull();

    const spec = (status: string) =>
      store.specs.create({
        ...at,
        id: randomUUID(),
        title: 's',
        description: 'd',
        status,
        gate_policy: { mode: 'auto', score: null, phases: [], timeout_seconds: null },
        plan: { version: 1, phases: [] },
        content_hash: 'the same',
      });
    await spec('pr_created');
    const running = await spec('executing');
    await spec('pr_created');
    expect((await store.specs.openByHash(project.id, 'the same'))?.id).toBe(running.id);

    // A workflow that fails at its start has the last say about the spec.
    const created = await spec('created');
    const fails = { status: 'failed', last_error: 'At once.' };
    const services = {
      store,
      config: loadConfig({}, { OMOIOS_ENV: 'test' }),
      model: {},
      workflows: {
        startSpec: async () => {
          await store.specs.update(organization.id, created.id, fails);
          return 'started';
        },
      },
    };
    await executeSpec(
      { services, organization_id: organization.id, actor: { email: 'a@example.test' } } as unknown as Call,
      created.id,
    );
    expect(await store.specs.get(organization.id, created.id)).toMatchObject(fails);
    await store.close();
  });

  test('[AUTH-04] of administrators who deactivate each other at once one stays, and the last one cannot be deactivated', async () => {
    const store = openStore(database.url);
    const { owner, organization } = await newPlace(store, 'admins');
    const admins = [];
    for (const name of ['ada', 'ben'])
      admins.push(
        await store.identity.createUser({ email: `${name}@admins.test`, hashed_password: null, is_super_admin: true }),
      );
    const deactivate = (id: string) => store.identity.setActive(id, false, { by: owner.id });
    const ends = await Promise.allSettled(admins.map(({ id }) => deactivate(id)));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [last] = (await store.identity.users({ is_active: true }, { limit: 50 })).items.filter(
      (user) => user.is_super_admin,
    );
    await expect(deactivate(last?.id ?? '')).rejects.toMatchObject({ code: 'conflict' });
    const secret = { key_id: 'k', sealed: 's', last_four: '1234', base_url: null, model: null, config: {} };
    const own = { owner: { user_id: owner.id }, created_by: owner.id, provider: 'anthropic', name: 'own' };
    await store.modelKeys.create({ ...secret, ...own, id: randomUUID() });
    const ownKeys = async () =>
      (await store.modelKeys.ofWork({ organization_id: organization.id, user_id: owner.id })).keys.length;
    expect(await ownKeys()).toBe(1);
    await deactivate(owner.id);
    await deactivate(owner.id);
    expect(await ownKeys()).toBe(0);
    expect((await store.identity.auditTrail({ user_id: owner.id }, { limit: 50 })).items).toHaveLength(1);
    await store.close();
  });

  test('text with NUL and half characters is stored by every kind of write', async () => {
    const client = openDatabaseClient({ url: database.url, pool: 4, pool_timeout: 10, command_timeout: 10 });
    const [bad, good] = ['a\0b \ud83d \\u0000 \u{1F680}', 'a\uFFFDb \uFFFD \\u0000 \u{1F680}'];
    const user = await client.prisma.user.create({
      data: { id: randomUUID(), email: 'text@example.test', full_name: bad },
    });
    const organization = await client.prisma.$transaction((tx) =>
      tx.organization.create({
        data: { id: randomUUID(), name: bad, slug: 'text', owner_id: user.id, created_by: user.id },
      }),
    );
    const at = { organization_id: organization.id, name: bad, repository_path: '/x', default_branch: 'main' };
    const project = await client.prisma.project.create({
      data: { ...at, id: randomUUID(), created_by: user.id, settings: { checks: [bad], [bad]: { deep: bad } } },
    });
    const clean = { checks: [good], [good]: { deep: good } };
    expect([user.full_name, organization.name, project.name, project.settings]).toEqual([good, good, good, clean]);
    await client.prisma.project.updateMany({ where: { name: bad }, data: { settings: { checks: [bad, bad] } } });
    expect((await client.prisma.project.findUniqueOrThrow({ where: { id: project.id } })).settings).toEqual({
      checks: [good, good],
    });
    const parameters = Prisma.sql`SELECT ${bad}::text AS text, ${[bad]}::text[] AS list, ${jsonParameter({ [bad]: bad })}::jsonb AS json`;
    const expected = [{ text: good, list: [good], json: { [good]: good } }];
    expect(await client.statement(parameters)).toEqual(expected);
    expect(await client.prisma.$queryRaw(parameters)).toEqual(expected);
    await client.close();
  });

  test('one that a newer version wrote is left alone', async () => {
    await sql.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ('x', 'x', '20991231000000_future', now(), now(), 1)`,
    );
    await expect(applyMigrations(database.url)).rejects.toThrow(NewerDatabaseError);
    await expect(applyMigrations(database.url)).rejects.toThrow(
      /newer OmoiOS.*20991231000000_future.*Nothing was changed/s,
    );
  });
});

describe('settings', () => {
  const problems = (env: Record<string, string>) => {
    try {
      loadConfig({}, env);
      return [];
    } catch (error) {
      return (error as ConfigError).problems;
    }
  };

  test('[CONF-01] a bad value or an unknown key names itself and stops the start; the environment wins over files', async () => {
    const start = promisify(execFile)(process.execPath, programArguments('server/main', false), {
      cwd: rootDir,
      env: {
        PATH: process.env.PATH ?? '',
        OMOIOS_RUN_MAX_TURNS: 'many',
        OMOIOS_RUN_MAX_TURN: '7',
        PORT: '70000',
      } as unknown as NodeJS.ProcessEnv,
    });
    const failed = await start.then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(/OMOIOS_RUN_MAX_TURNS: .*number/);
    expect(failed.stderr).toContain('OMOIOS_RUN_MAX_TURN is not a setting');
    expect(failed.stderr).toMatch(/PORT: .*65535/);
    expect(failed.stderr).not.toContain('at ');

    expect(loadConfig({}, { OMOIOS_ENV: 'test' }).server.log_level).toBe('warn');
    expect(loadConfig({}, { OMOIOS_ENV: 'test', OMOIOS_SERVER_LOG_LEVEL: 'error' }).server.log_level).toBe('error');
    expect(loadConfig({ server: { log_level: 'trace' } }, { OMOIOS_SERVER_LOG_LEVEL: 'error' }).server.log_level).toBe(
      'trace',
    );
    expect(loadConfig({}, { OMOIOS_BILLING_DUNNING_RETRY_HOURS: '1,2,3' }).billing.dunning_retry_hours).toEqual([
      1, 2, 3,
    ]);
    expect(problems({ OMOIOS_ENV: 'production' })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^JWT_SECRET_KEY: .*32 characters/),
        expect.stringMatching(/^DATABASE_URL: production has no real database/),
      ]),
    );
    expect(problems({ OMOIOS_ENV: 'production', ALLOW_EMBEDDED: '1', JWT_SECRET_KEY: 'short' })).toEqual([
      expect.stringContaining('32 characters'),
    ]);
    expect(problems({ OMOIOS_ENV: 'production', ALLOW_EMBEDDED: '1', JWT_SECRET_KEY: 'x'.repeat(32) })).toEqual([]);
    expect(problems({ MODEL_PROVIDER: 'crystal-ball' })).toEqual([expect.stringMatching(/^MODEL_PROVIDER: /)]);
    expect(problems({ OMOIOS_NONSENSE_KEY: '1' })).toEqual([
      expect.stringContaining('OMOIOS_NONSENSE_KEY is not a setting'),
    ]);
  }, 240_000);

  test('files of settings: a broken one is named, and .env.example alone is good', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'omoios-config-'));
    await writeFile(path.join(folder, 'broken.yaml'), 'server:\n  port: [3000\n');
    const { readSettings } = await import('#activities/services/settings-file.ts');
    expect(() => readSettings(path.join(folder, 'broken.yaml'))).toThrow(
      /broken\.yaml cannot be read as YAML, line 3: .*Fix that line/,
    );
    const { parse } = (await import('dotenv')).default;
    const { readFile } = await import('node:fs/promises');
    const example = await readFile(path.join(rootDir, '.env.example'), 'utf8');
    expect(problems(parse(example))).toEqual([]);
    // The commented lines are valid too: each name in them is a setting.
    const suggested = [...example.matchAll(/^#([A-Z][A-Z0-9_]*)=(.*)$/gm)]
      .map(([, name, value]) => [name ?? '', value || 'x'.repeat(40)])
      .filter(([name]) => !['POSTGRES_PASSWORD', 'TEMPORAL_POSTGRES_PASSWORD', 'REPOSITORIES'].includes(name ?? ''));
    expect(suggested.length).toBeGreaterThan(20);
    expect(problems(Object.fromEntries(suggested) as Record<string, string>)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
