import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { newPlace, openStore } from '#tests/support/own-store.ts';

test('what an older try of a stretch writes changes nothing once a newer one has taken the run', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-owners-'));
  const database = await openDatabase({ socketDir: folder });
  await applyMigrations(database.url);
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  const store = openStore(database.url);
  const { organization, project } = await newPlace(store, 'owners');
  const [scope, id] = [organization.id, randomUUID()];
  await store.runs.create({
    id,
    organization_id: scope,
    project_id: project.id,
    kind: 'task',
    mode: 'implementation',
    attempt: 1,
    title: 't',
    provider: 'anthropic',
    model: 'm',
    sandbox_id: 's',
    branch: 'b',
    base_sha: '0',
    start_sha: '0',
    opening: 'Begin.',
    system_prompt: '',
    tools: '[]',
    limits: {} as never,
    max_usd: 1,
    goal: '',
    terms: { criteria: [], changes_expected: true, context: {} as never },
  });
  const [older, newer] = [await store.runs.take(scope, id, 1001), await store.runs.take(scope, id, 2001)];
  const entry = (key: string) => ({
    key,
    organization_id: scope,
    project_id: project.id,
    run_id: id,
    kind: 'task',
    provider: 'anthropic',
    model: 'm',
    input_tokens: 1,
    output_tokens: 1,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    input_micros: 1,
    output_micros: 1,
    cost_micros: 2,
  });
  const answer = (run: typeof newer) => ({
    run,
    turn: 1,
    call_no: run.owner,
    iteration: 1,
    model: 'm',
    stop_reason: 'tool_use',
    content: '[]',
    calls: [{ position: 0, tool_use_id: 'a', name: 'bash', input: '{}' }],
    request_bytes: 0,
    shared_bytes: 0,
    model_attempts: 1,
    started_at: new Date(),
    answered_at: new Date(),
    loop: { stretch: 2, state: {} as never },
    cost: entry(`run:${id}:turn:1`),
  });
  const { version } = await store.turns.material({ organization_id: scope, run_id: id, turn: 1 }, 0);
  const begun = {
    turn: 1,
    call_no: 1,
    message: null,
    delivered: [],
    opened: false,
    key: `run:${id}:turn:1`,
    wanted: 10,
    least: 1,
  };
  expect(await store.turns.begin({ ...begun, run: newer, version })).toMatchObject({ ok: true });
  const rowOf = async () =>
    (await sql.query('SELECT turn, loop, head_sha, cost_micros FROM runs WHERE id = $1', [id])).rows;
  const fenced = { code: 'fenced' };

  await expect(store.turns.finish(answer(older))).rejects.toMatchObject(fenced);
  expect(await rowOf()).toEqual([{ turn: 0, loop: null, head_sha: '0', cost_micros: 0 }]);
  // The answer was paid for all the same.
  expect(await store.turns.list(scope, id, 0, 9)).toMatchObject({ turns: [], calls: [] });
  expect((await sql.query('SELECT id FROM cost_records WHERE run_id = $1', [id])).rows).toEqual([
    { id: `run:${id}:turn:1:repeated:1001` },
  ]);
  expect(await store.turns.begin({ ...begun, run: older, version })).toBeNull();

  const newest = answer(newer);
  const { calls } = await store.turns.finish(newest);
  // The same write once more, since its answer was lost: it was paid for once.
  const costs = async () =>
    Number((await sql.query('SELECT count(*) FROM cost_records WHERE run_id = $1', [id])).rows[0].count);
  const paid = await costs();
  expect((await store.turns.finish(newest)).calls.map(({ tool_use_id: name }) => name)).toEqual(['a']);
  expect(await costs()).toBe(paid);
  const call = calls[0] as (typeof calls)[number];
  const done = { call, result: { text: 'done', duration_ms: 1 } };
  const kept = { organization_id: scope, run_id: id, turn: 1, sha: '1', tree: '1', parent_sha: '0', merged: false };
  const tries: Record<string, () => Promise<unknown>> = {
    take: () => store.runs.take(scope, id, 1002),
    keepLoop: () => store.runs.keepLoop(older, { stretch: 1, state: {} as never }),
    start: () => store.toolCalls.start(older, call),
    saveOutcome: () => store.toolCalls.saveOutcome(older, call, { kind: 'planned' }),
    saveEditPlan: () => store.toolCalls.saveEditPlan(older, call, { path: 'p', before: null, after: '', reply: '' }),
    finish: () => store.toolCalls.finish(older, [done]),
    checkpoint: () => store.toolCalls.checkpoint({ ...kept, owner: older.owner, files: [] }),
  };
  const before = [await rowOf(), await store.toolCalls.ofTurn(id, 1)];
  for (const [name, run] of Object.entries(tries))
    expect([name, await run().catch((error: unknown) => (error as { code?: string }).code)]).toEqual([name, 'fenced']);
  expect([await rowOf(), await store.toolCalls.ofTurn(id, 1)]).toEqual(before);

  // The money of the newer one's call stays held.
  await store.turns.begin({
    ...begun,
    run: newer,
    turn: 2,
    key: 'two',
    version: (await store.turns.material({ organization_id: scope, run_id: id, turn: 2 }, 0)).version,
  });
  await store.turns.releaseReservation(older, 'two');
  const held = async () => (await sql.query("SELECT state FROM reservations WHERE id = 'two'")).rows;
  expect(await held()).toEqual([{ state: 'held' }]);
  await store.turns.releaseReservation(newer, 'two');
  expect(await held()).toEqual([{ state: 'released' }]);
  expect(await store.toolCalls.finish(newer, [done])).toMatchObject({
    calls: [{ status: 'done' }],
    news: { urgent: false, called_back: 0 },
  });
  await sql.end();
  await store.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
}, 120_000);
