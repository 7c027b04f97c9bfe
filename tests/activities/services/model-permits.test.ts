import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createModelPermits } from '#activities/services/model-permits.ts';
import type { Store } from '#activities/ports/store.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { newPlace, openStore } from '#tests/support/own-store.ts';
import { patient, permitCrowd } from '#tests/support/permit-crowd.ts';

let close: () => Promise<void>;
let sql: pg.Client;
let store: Store;
let organization_id: string;
let project_id: string;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-permits-'));
  const database = await openDatabase({ socketDir: folder });
  await applyMigrations(database.url);
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  store = openStore(database.url);
  const { organization, project } = await newPlace(store, 'permits');
  [organization_id, project_id] = [organization.id, project.id];
  close = async () => {
    await sql.end();
    await store.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());
afterEach(() => sql.query('DELETE FROM model_permits'));

/** The permits as a process of its own has them. */
const newProcess = (calls: number) => createModelPermits(store, calls);
const call = (id: string, more: object = {}) => ({ id, provider: 'p', organization_id, ...more });
const rows = async () =>
  (await sql.query('SELECT id, granted_at IS NOT NULL AS granted FROM model_permits ORDER BY asked_at')).rows;
const soon = async (holds: () => Promise<boolean>) => {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 200) throw new Error('It never came.');
    await sleep(10);
  }
};
const waits = (id: string) => soon(async () => (await rows()).some((row) => row.id === id && !row.granted));

test('over all processes no more calls are under way than the limit, and each gets its turn', async () => {
  const processes = [newProcess(3), newProcess(3), newProcess(3)];
  const { most, order } = await permitCrowd(processes, organization_id, 15);
  expect(most).toBe(3);
  expect(new Set(order).size).toBe(45);
  await soon(async () => (await rows()).length === 0);
});

test('the call that has waited longest gets the next permit, whichever process it belongs to', async () => {
  const [one, other] = [newProcess(1), newProcess(1)];
  const first = await one.take(call('first'), patient());
  const order: string[] = [];
  const taking: Promise<void>[] = [];
  for (const [id, process] of [
    ['a', other],
    ['b', one],
    ['c', other],
  ] as const) {
    taking.push(
      process.take(call(id), patient()).then((permit) => {
        order.push(id);
        permit?.give();
      }),
    );
    await waits(id);
  }
  first?.give();
  await Promise.all(taking);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('what a dead process held goes to the next try of its call at once, and is free when its lease is over', async () => {
  const [dead, alive] = [newProcess(2), newProcess(2)];
  await dead.take(call('run:1', { owner: 1001 }), patient());
  await dead.take(call('run:2', { owner: 1001 }), patient());
  dead.close();
  expect(await alive.take(call('run:1', { owner: 1002 }), patient())).toBeDefined();
  expect(await rows()).toHaveLength(2);
  const waiting = alive.take(call('run:3'), patient());
  await waits('run:3');
  await sql.query("UPDATE model_permits SET alive_at = now() - interval '61 s' WHERE id = 'run:2'");
  const permit = await waiting;
  expect((await rows()).map(({ id }) => id)).toEqual(['run:1', 'run:3']);
  // One that died while it waited is passed over.
  const gone = newProcess(2);
  void gone.take(call('run:4'), patient());
  await waits('run:4');
  gone.close();
  const behind = alive.take(call('run:5'), patient());
  await waits('run:5');
  await sql.query("UPDATE model_permits SET alive_at = now() - interval '11 s' WHERE id = 'run:4'");
  permit?.give();
  expect(await behind).toBeDefined();
  alive.close();
});

test('an older try of a run is fenced off, and one that leaves keeps its place for the next', async () => {
  const [one, other] = [newProcess(1), newProcess(1)];
  const held = await one.take(call('held'), patient());
  const leave = new AbortController();
  const left = other.take(call('run:1', { owner: 1001 }), { ...patient(), leave: leave.signal });
  await waits('run:1');
  const behind = one.take(call('run:2'), patient());
  await waits('run:2');
  leave.abort();
  expect(await left).toBeUndefined();
  const next = other.take(call('run:1', { owner: 1002 }), patient());
  await expect(one.take(call('run:1', { owner: 1001 }), patient())).rejects.toMatchObject({ code: 'fenced' });
  expect((await rows()).map(({ id }) => id)).toEqual(['held', 'run:1', 'run:2']);
  held?.give();
  (await next)?.give();
  (await behind)?.give();
});

test('a cut, and a workflow that wants its run, end a wait and give up its place', async () => {
  const permits = newProcess(1);
  const held = await permits.take(call('held'), patient());
  const cut = new AbortController();
  const waiting = permits.take(call('run:1'), { ...patient(), signal: cut.signal });
  await waits('run:1');
  cut.abort(new Error('cut'));
  await expect(waiting).rejects.toThrow('cut');

  const run_id = randomUUID();
  await sql.query(
    `INSERT INTO runs (id, organization_id, project_id, kind, mode, title, provider, model, sandbox_id, branch, base_sha,
      start_sha, head_sha, opening, system_prompt, tools, limits, called_back)
    VALUES ($1, $2, $3, 'task', 'implementation', 't', 'p', 'm', 's', 'b', '', '', '', '', '', '[]', '{}', 4)`,
    [run_id, organization_id, project_id],
  );
  expect(await permits.take(call(`run:${run_id}`, { run_id, since: 3 }), patient())).toBeUndefined();
  await soon(async () => (await rows()).length === 1);
  held?.give();
});

test('a wait says why, and without a limit nothing is asked of the database', async () => {
  const permits = newProcess(1);
  const held = await permits.take(call('held'), patient());
  const cut = new AbortController();
  const why = new Promise((resolve) => {
    permits.take(call('b'), { ...patient(), signal: cut.signal, onWait: resolve }).catch(() => undefined);
  });
  expect(await why).toBe(
    'All calls that p may get at once are under way (model.concurrent_calls: 1), and 0 wait before this one.',
  );
  cut.abort();
  held?.give();
  const none = createModelPermits({ modelPermits: { exchange: () => Promise.reject(new Error('asked')) } }, undefined);
  expect(await none.take(call('a'), patient())).toBeDefined();
});

test('without the database a waiting call fails as every step does, and what was given back is given back later', async () => {
  let away = false;
  const exchange: Store['modelPermits']['exchange'] = async (round) => {
    if (away) throw new Error('The database does not answer.');
    return store.modelPermits.exchange(round);
  };
  const permits = createModelPermits({ modelPermits: { exchange } }, 1);
  const held = await permits.take(call('held'), patient());
  away = true;
  held?.give();
  await expect(permits.take(call('a'), patient())).rejects.toThrow('does not answer');
  away = false;
  (await permits.take(call('b'), patient()))?.give();
  await soon(async () => (await rows()).length === 0);
});
