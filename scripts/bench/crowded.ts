import type pg from 'pg';
import { accessCookie } from '#server/http/authenticate.ts';
import { eventually, type Api } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import { call } from '#tests/support/scripts.ts';
import { percentile, round, timed } from './numbers.ts';
import { databaseOf, type Stage } from './stage.ts';

/** The time of the slowest twentieth of so many repetitions, the first of which warm up. */
async function p95(work: (n: number) => Promise<unknown>, times = 40): Promise<number> {
  for (let n = 0; n < 3; n += 1) await work(n);
  const took: number[] = [];
  for (let n = 0; n < times; n += 1) took.push(await timed(() => work(n)));
  return round(percentile(took, 0.95));
}

/** Copies of a row, each with an id of its own. @param changes SQL of a JSON object, in which n is the number of a copy. */
const copies = (db: pg.Client, rows: string, from: string, count: number, changes: string) =>
  db.query(
    `INSERT INTO ${rows} SELECT made.* FROM ${rows} one, generate_series(1, ${count}) n,
     LATERAL jsonb_populate_record(one, jsonb_build_object(${changes})) made
     WHERE one.ctid = (SELECT ctid FROM ${rows} WHERE ${from} LIMIT 1)`,
  );

const own = `'id', gen_random_uuid(), 'created_at', now() - n * interval '1 second'`;

/** A project with so many records that were all made from those of one agent; `tickets_of` is that of the tickets. */
export async function crowdedProject(stage: Stage, api: Api, rows: number, cards: number, turns: number) {
  stage.script = ({ step }) => (step < 2 ? { tools: [call('bash', { command: 'echo 1' })] } : { hang: true });
  const { id: project_id } = await stage.project(undefined, api);
  const title = `Crowded ${project_id}`;
  const ticket = await stage.quickTicket(project_id, title, api);
  await eventually('its agent works', () => stage.turnsOf(title).length > 2, 60_000);
  const { run_id } = await api.get<{ run_id: string }>(`/tasks/${ticket.task_id}`);
  await api.post(`/tickets/${ticket.id}/cancel`);
  await eventually(
    'its agent ends',
    async () => (await api.get<{ status: string }>(`/runs/${run_id}`)).status === 'cancelled',
    60_000,
  );
  const other = (await stage.project(undefined, api)).id;
  const db = databaseOf(stage);
  await db.connect();
  try {
    const numbered = (prefix: string) => `'number', 1000 + n, 'key', '${prefix}-' || (1000 + n), 'embedding', null`;
    const status = `'status', (ARRAY['completed', 'failed', 'cancelled', 'pending'])[1 + n % 4]`;
    const elsewhere = `'project_id', '${other}'`;
    const task = `id = '${ticket.task_id}'`;
    await copies(db, 'tasks', task, cards, `${own}, ${numbered('TSK')}, ${status}`);
    await copies(db, 'tasks', task, rows - cards, `${own}, ${numbered('TSK')}, ${status}, ${elsewhere}`);
    const column = `'status', (ARRAY['backlog', 'analyzing', 'building', 'testing', 'done'])[1 + n % 5]`;
    await copies(db, 'tickets', `id = '${ticket.id}'`, rows, `${own}, ${numbered('TKT')}, ${column}, ${elsewhere}`);
    const texts = `'opening', '', 'system_prompt', '', 'tools', ''`;
    await copies(db, 'runs', `id = '${run_id}'`, rows, `${own}, ${texts}, ${elsewhere}`);
    await copies(
      db,
      'cost_records',
      `run_id = '${run_id}'`,
      rows,
      `'id', 'bench:${project_id}:' || n, 'created_at', now() - n * interval '1 second'`,
    );
    await copies(db, 'turns', `run_id = '${run_id}' AND turn = 1`, turns, `'turn', 100 + n`);
    await copies(db, 'tool_calls', `run_id = '${run_id}' AND turn = 1`, turns, `'turn', 100 + n`);
    await copies(
      db,
      'transcript',
      `run_id = '${run_id}' AND role = 'assistant'`,
      turns,
      `'turn', 100 + n, 'seq', 1000 + n`,
    );
    await db.query(`UPDATE runs SET turn = $1 WHERE id = $2`, [100 + turns, run_id]);
    await db.query('ANALYZE');
  } finally {
    await db.end();
  }
  return { project_id, run_id, ticket, tickets_of: other };
}

/** Milliseconds in which 95 of 100 lists and pages answer, beside many records. */
export async function listsAndPages(
  stage: Stage,
  { rows, cards, turns }: { rows: number; cards: number; turns: number },
): Promise<{ rows: number; cards: number; turns: number; p95_ms: Record<string, number> }> {
  const api = await stage.signUp();
  const { project_id, run_id } = await crowdedProject(stage, api, rows, cards, turns);
  const { url, env } = stage.stack.address;
  const lists: Record<string, string> = {
    tasks: '/tasks',
    'tasks of a status': '/tasks?status=pending',
    'tasks of a project': `/tasks?project_id=${project_id}`,
    tickets: '/tickets',
    runs: '/runs',
    costs: '/costs/records',
    events: '/events',
    'task board': `/board/tasks?project_id=${project_id}`,
    'turns of a run': `/runs/${run_id}/turns`,
  };
  const p95_ms: Record<string, number> = {};
  for (const [name, address] of Object.entries(lists)) p95_ms[name] = await p95(() => api.get(address));
  if (env.OMOIOS_SERVER_WEB !== 'none')
    for (const [name, page] of [
      ['page of the board, first byte', `/board/${project_id}`],
      ['page of a long run, first byte', `/runs/${run_id}`],
    ] as const)
      p95_ms[name] = await p95(async () => {
        const answer = await fetch(`${url}${page}`, { headers: { cookie: `${accessCookie}=${api.key}` } });
        if (answer.status !== 200) throw new Error(`${page} answered ${answer.status}.`);
        await answer.body?.cancel();
      });
  return { rows, cards, turns, p95_ms };
}

/** Milliseconds from an event's time in its record until a listener to the live feed has it. */
export async function eventToListener(stage: Stage): Promise<{ p50_ms: number; p95_ms: number }> {
  const api = await stage.signUp();
  const { id } = await stage.project(undefined, api);
  const feed = await LiveFeed.open(stage.stack.address.url, api.key);
  const took: number[] = [];
  feed.socket.on('message', (data) => {
    const { at } = JSON.parse(String(data)) as { at?: string };
    if (at) took.push(Date.now() - Date.parse(at));
  });
  for (let n = 0; n < 50; n += 1)
    await api.post('/tickets', {
      project_id: id,
      title: `Heard ${n}`,
      description: 'Measured.',
      workflow_mode: 'spec_driven',
      force_create: true,
    });
  await eventually('the events are heard', () => took.length >= 50);
  feed.close();
  return { p50_ms: percentile(took, 0.5), p95_ms: percentile(took, 0.95) };
}
