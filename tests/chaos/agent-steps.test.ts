import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session, watch, type Play, type Run } from '#tests/evaluation/support/session.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { testCommand } from '#tests/support/repository.ts';
import { call } from '#tests/support/scripts.ts';
import { share } from '#tests/support/share.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { ownStackWithRecords } from './own-records.ts';

const counter = 'counter.txt';
/** Lasts long enough that a worker dies in the check of the claim and not after it. */
const check = `sleep 5 && ${testCommand}`;
const read = (file: string) => call('read_file', { path: file });

/** Six turns with everything a run does: reads at once, an edit, a command with an effect, a check, the claim. */
const turns: Reply[] = [
  { tools: [read('README.md'), read('src/sum.js'), read('test/sum.test.js')] },
  { tools: [call('edit_file', { path: 'src/sum.js', old_text: 'a + b', new_text: 'b + a' })] },
  { tools: [call('bash', { command: `sleep 1; echo counted >> ${counter}; sleep 9` })] },
  {
    tools: [
      read('src/sum.js'),
      read(counter),
      call('bash', { command: 'mkdir -p src/new && echo "export const n = 1;" > src/new/n.js' }),
    ],
  },
  { tools: [call('bash', { command: check }, 'toolu_check')] },
  {
    tools: [
      call('complete_task', {
        summary: 'Turned round.',
        evidence: [{ command: check, tool_use_id: 'toolu_check', exit_code: 0 }],
      }),
    ],
  },
];
const turnOf = (request: Played) => request.body.messages.filter((message) => message.role === 'assistant').length + 1;
const answer = (request: Played): Reply => turns[turnOf(request) - 1] ?? { text: 'There is no further turn.' };

const place = ownStackWithRecords();

const exists = async (sql: string, ...values: unknown[]) => (await place.records.rows(sql, values)).length > 0;

/** The result of a run: its files, turns, costs, and how often each call was answered. */
async function result(session: Session, run: Run) {
  const task = await session.taskEnded();
  const calls = await place.records.rows<{ turn: number; position: number; status: string; is_error: boolean }>(
    'SELECT turn, position, status, is_error FROM tool_calls WHERE run_id = $1 ORDER BY turn, position',
    [run.id],
  );
  const paid = await place.records.rows<{ id: string }>('SELECT id FROM cost_records WHERE run_id = $1 AND kind = $2', [
    run.id,
    'task',
  ]);
  const blocks =
    session
      .asked(run)
      .at(-1)
      ?.body.messages.flatMap((message) => message.content as { type: string; id?: string; tool_use_id?: string }[]) ??
    [];
  return {
    status: task.status,
    tree: session.repository.git('rev-parse', `${task.branch}^{tree}`),
    counted: session.repository.show(task.branch, counter),
    turns: (await session.turns(run)).map((turn) => turn.turn),
    paid: paid.map((row) => row.id.replace(run.id, 'ID')).sort(),
    calls,
    open: blocks
      .filter(
        (block) => block.type === 'tool_use' && blocks.filter((other) => other.tool_use_id === block.id).length !== 1,
      )
      .map((block) => block.id),
  };
}

test('a run whose worker is killed at each of its steps ends as an undisturbed run does', async () => {
  const undisturbed = await watch(
    (_asked, request) => answer(request),
    { on: place.own },
    async (session) => result(session, await session.ended(1, 90_000)),
  );
  expect(undisturbed).toMatchObject({ status: 'completed', counted: 'counted', turns: [1, 2, 3, 4, 5, 6], open: [] });

  let run = {} as Run;
  const asked: { turn: number; at: number }[] = [];
  const sandboxes = path.join(place.own.stack.address.dataDir, 'sandboxes');
  const inWorkspace = (file: string) => {
    const found = [path.join(sandboxes, run.sandbox_id, 'workspace', file)].find(existsSync);
    return found ? readFileSync(found, 'utf8') : '';
  };
  const stored = (turn: number) => () => exists('SELECT 1 FROM turns WHERE run_id = $1 AND turn = $2', run.id, turn);
  const callIs = (turn: number, status: string) => () =>
    exists('SELECT 1 FROM tool_calls WHERE run_id = $1 AND turn = $2 AND status = $3', run.id, turn, status);
  const kept = (turn: number) => () =>
    exists('SELECT 1 FROM checkpoints WHERE run_id = $1 AND turn = $2', run.id, turn);
  const thinking = (turn: number): [string, () => boolean] => [
    `in the model call of turn ${turn}`,
    () => asked.some((request) => request.turn === turn),
  ];
  const answered = (turn: number): [string, () => Promise<boolean>] => [
    `after the answer of turn ${turn}`,
    stored(turn),
  ];
  const all: [string, () => boolean | Promise<boolean>][] = [
    thinking(1),
    answered(1),
    thinking(2),
    answered(2),
    ['after the edit', () => inWorkspace('src/sum.js').includes('b + a')],
    ['at the checkpoint of the edit', kept(2)],
    thinking(3),
    ['in the command', callIs(3, 'running')],
    ['in the command, after its effect', () => inWorkspace(counter) !== ''],
    ['after the command', callIs(3, 'done')],
    answered(4),
    ['at the checkpoint of a command', kept(4)],
    thinking(5),
    answered(6),
    ['in the check of the claim', () => readdirSync(sandboxes).some((name) => name.startsWith('omoios-check-'))],
    ['at the end of the run', () => exists("SELECT 1 FROM runs WHERE id = $1 AND status = 'completed'", run.id)],
  ];
  // The first request for these turns has no answer until the worker has died in it.
  const steps = share(all);
  const held = [1, 2, 3, 5].filter((turn) => steps.some(([name]) => name === thinking(turn)[0]));
  const play: Play = (_n, request) => {
    const turn = turnOf(request);
    const first = !asked.some((other) => other.turn === turn);
    asked.push({ turn, at: Date.now() });
    return first && held.includes(turn) ? { hang: true } : answer(request);
  };
  const session = await Session.start(play, { on: place.own });
  run = await session.run(() => true, 1, 60_000);
  const late: string[] = [];
  const until = Date.now() + 540_000;
  for (const [i, [name, reached]] of steps.entries()) {
    while (!(await reached())) {
      if (Date.now() > until) throw new Error(`The run never came to this step: ${name}`);
      await sleep(3);
    }
    place.own.stack.kill('application');
    const [now] = await place.records.rows<{ turn: number; status: string }>(
      'SELECT turn, status FROM runs WHERE id = $1',
      [run.id],
    );
    if (now?.status === 'completed' && name !== all.at(-1)?.[0]) late.push(name);
    await place.own.stack.ready();
    // A supervisor gives up on what dies five times within a minute; a fresh one takes over and begins to count.
    if (i % 4 === 3) {
      place.own.stack.kill('supervisor');
      await place.own.stack.launch();
    }
  }
  expect(late).toEqual([]);
  const disturbed = await result(session, await session.ended(1, 60_000));
  expect(disturbed).toEqual(undisturbed);
  const ended = new Map((await session.turns(run)).map((turn) => [turn.turn, Date.parse(turn.ended_at)]));
  expect(
    asked
      .filter(({ turn, at }) => at > (ended.get(turn) as number))
      .map(({ turn }) => `turn ${turn} was asked for after it was stored`),
  ).toEqual([]);
  for (const turn of held) expect(asked.filter((request) => request.turn === turn).length).toBeGreaterThanOrEqual(2);
  await session.stop();
}, 600_000);

test('a run whose worker stands still longer than its heartbeat may be late does nothing twice', async () => {
  // The request for these turns is answered only after the worker has stood still in it.
  const held = [2, 5];
  const asked: number[] = [];
  const play: Play = async (_n, request) => {
    const turn = turnOf(request);
    asked.push(turn);
    if (held.includes(turn) && asked.filter((other) => other === turn).length === 1) await sleep(12_000);
    return answer(request);
  };
  const session = await Session.start(play, { on: place.own });
  const run = await session.run(() => true, 1, 60_000);
  const running = () =>
    exists("SELECT 1 FROM tool_calls WHERE run_id = $1 AND turn = 3 AND status = 'running'", run.id);
  const steps: (() => boolean | Promise<boolean>)[] = [() => asked.includes(2), running, () => asked.includes(5)];
  for (const reached of steps) {
    for (const until = Date.now() + 60_000; !(await reached()); await sleep(3))
      if (Date.now() > until) throw new Error('The run never came to this step.');
    await place.own.stack.standStill(8000);
  }
  const stilled = await result(session, await session.ended(1, 120_000));
  expect(stilled).toMatchObject({ status: 'completed', counted: 'counted', turns: [1, 2, 3, 4, 5, 6], open: [] });
  expect(new Set(stilled.calls.map((one) => one.status))).toEqual(new Set(['done']));
  // A try that stood still asks at most once more, and only for the turn that was under way.
  for (const turn of [1, 2, 3, 4, 5, 6]) {
    const times = asked.filter((other) => other === turn).length;
    expect([turn, times]).toEqual([turn, held.includes(turn) ? 2 : 1]);
  }
  await session.stop();
}, 240_000);

test('a stretch goes on where it was when an operator pauses or resets it; an answer is kept while the database is away', async () => {
  // Requests for these turns have no answer: an operator ends them.
  const held = [2, 5, 5, 5];
  const asked: number[] = [];
  const times = (turn: number, of: number[]) => of.filter((other) => other === turn).length;
  const play: Play = (_n, request) => {
    const turn = turnOf(request);
    asked.push(turn);
    if (turn === 4 || turn === 6) place.own.stack.kill('database');
    return times(turn, asked) <= times(turn, held) ? { hang: true } : answer(request);
  };
  const session = await Session.start(play, { on: place.own });
  const run = await session.run(() => true, 1, 60_000);
  const temporal = await place.own.stack.temporal();
  const of = { namespace: 'default', execution: { workflowId: workflowId.run(run.id) }, type: 'stretch' };
  const service = temporal.client.workflowService;
  const isPaused = async () => {
    const { raw } = await temporal.client.workflow.getHandle(workflowId.run(run.id)).describe();
    return JSON.stringify(raw.pendingActivities).includes('"PENDING_ACTIVITY_STATE_PAUSED"');
  };
  const running = () =>
    exists("SELECT 1 FROM tool_calls WHERE run_id = $1 AND turn = 3 AND status = 'running'", run.id);
  const until = async (what: string, reached: () => boolean | Promise<boolean>) => {
    for (const end = Date.now() + 30_000; !(await reached()); await sleep(20))
      if (Date.now() > end) throw new Error(`Never: ${what}.`);
  };
  const pauseAndGoOn = async () => {
    await service.pauseActivity({ ...of, identity: 'operator', reason: 'a look' });
    await until('paused', isPaused);
    await service.unpauseActivity({ ...of, identity: 'operator' });
  };
  await until('the model call of turn 2', () => asked.includes(2));
  await pauseAndGoOn();
  await until('the command of turn 3', running);
  await pauseAndGoOn();
  await until('the model call of turn 5', () => asked.includes(5));
  await pauseAndGoOn();
  await until('the second model call of turn 5', () => times(5, asked) === 2);
  await pauseAndGoOn();
  await until('the third model call of turn 5', () => times(5, asked) === 3);
  // Its tries are counted from one again.
  await service.resetActivity({ ...of, identity: 'operator' });
  const ended = await result(session, await session.ended(1, 120_000));
  expect(ended).toMatchObject({ status: 'completed', counted: 'counted', turns: [1, 2, 3, 4, 5, 6], open: [] });
  expect(asked).toEqual([1, 2, 2, 3, 4, 5, 5, 5, 5, 6]);
  expect(ended.paid).toHaveLength(6);
  await temporal.close();
  await session.stop();
}, 240_000);

test('a turn whose process died five times under the model call asks a person, and goes on when it is resumed', async () => {
  const asked: number[] = [];
  const play: Play = (_n, request) => {
    const turn = turnOf(request);
    asked.push(turn);
    return turn === 2 && asked.length <= 6 ? { hang: true } : answer(request);
  };
  const session = await Session.start(play, { on: place.own });
  const run = await session.run(() => true, 1, 60_000);
  const until = async (what: string, reached: () => boolean | Promise<boolean>) => {
    for (const end = Date.now() + 60_000; !(await reached()); await sleep(50))
      if (Date.now() > end) throw new Error(`Never: ${what}.`);
  };
  for (let deaths = 0; deaths < 5; deaths += 1) {
    await until(`request ${deaths + 2}`, () => asked.length === deaths + 2);
    place.own.stack.kill('application');
  }
  const now = async () =>
    place.own.stack.api
      .get<{ waiting_for: string | null; waiting_reason: string | null }>(`/runs/${run.id}`)
      .catch(() => ({ waiting_for: null, waiting_reason: null }));
  await until('a person is asked', async () => (await now()).waiting_for === 'person');
  expect((await now()).waiting_reason).toContain('Turn 2 was begun 5 times');
  expect(asked).toEqual([1, 2, 2, 2, 2, 2]);
  await place.own.stack.api.post(`/runs/${run.id}/resume`);
  const ended = await result(session, await session.ended(1, 120_000));
  expect(ended).toMatchObject({ status: 'completed', counted: 'counted', turns: [1, 2, 3, 4, 5, 6], open: [] });
  await session.stop();
}, 300_000);
