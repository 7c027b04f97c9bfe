import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { finishByProgram, isOfProgram, sdkFolder, stepOf } from '#tests/support/agent-sdk.ts';
import { eventually } from '#tests/support/api.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { World } from '#tests/chaos/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({
    RUNNER: 'claude-agent-sdk',
    OMOIOS_RUN_SDK_FOLDER: sdkFolder(),
    OMOIOS_MODEL_IDLE_TIMEOUT: '60',
  });
  world.values = (request) => (isOfProgram(request) ? undefined : answerValue(request));
}, 400_000);
afterAll(() => world.stop());

const files = { 'src/by-program.js': 'export const answer = 42;\n' };
const write = "echo 'export const answer = 42;' > src/by-program.js";

/** Plays the SDK's conversation by `play`, and everything else of the task as usual. */
const worked =
  (play: (request: Played) => Reply | Promise<Reply>) =>
  (request: Played): Reply | Promise<Reply> =>
    isOfProgram(request)
      ? play(request)
      : request.context.kind === 'validation'
        ? reviewPasses(request)
        : finishTask(request, files);

const costsOf = (run: string) =>
  world.records.rows('SELECT id, cost_micros FROM cost_records WHERE run_id = $1 ORDER BY created_at', [run]);

test('[EXEC-16] the Claude Agent SDK takes a task from its ticket to an open pull request, in a sandbox without network', async () => {
  const place = await world.place(worked((request) => finishByProgram(request, files)));
  const ticket = await world.ticket(place);
  const pull = await world.pullRequest(ticket, 200_000);
  expect(place.repository.git('show', `${pull.branch}:src/by-program.js`)).toContain('answer = 42');
  const run = await world.runOf(ticket);
  const { items } = await world.stack.api.get<{ items: { turn: number }[] }>(`/runs/${run}/turns`);
  expect(items.map(({ turn }) => turn)).toEqual([1, 2, 3]);
  // The ledger has each answer once, and nothing else.
  expect(await costsOf(run)).toHaveLength(world.model.answered.get(`run:${run}`) ?? -1);
}, 300_000);

interface Turn {
  turn: number;
}
const turnsOf = async (run: string) =>
  (await world.stack.api.get<{ items: Turn[] }>(`/runs/${run}/turns`)).items.map(({ turn }) => turn);
const answered = (run: string) => world.model.answered.get(`run:${run}`) ?? 0;

/** Ends a program of a run in its sandbox as a crash does. @returns how many of its processes there were. */
function killProgram(run: string): number {
  const pids = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return words.startsWith('node\0') && words.includes('program.mjs') && words.includes(run);
    } catch {
      return false;
    }
  });
  for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
  return pids.length;
}

/** Work whose second request waits until `act` has come to its end; it may be asked again meanwhile. */
async function workWith(act: (run: string, asked: () => number) => Promise<unknown>, settings: object = {}) {
  let asked = 0;
  let done = false;
  const place = await world.place(
    worked((request) => {
      if (stepOf(request) !== 1) return finishByProgram(request, files);
      asked += 1;
      return done ? finishByProgram(request, files) : { hang: true };
    }),
    settings,
  );
  const ticket = await world.ticket(place);
  const run = await world.runOf(ticket);
  await eventually('its second request is under way', () => asked > 0, 60_000);
  const acting = act(run, () => asked);
  done = true;
  await acting;
  return { ticket, run };
}

test('[EXEC-16] a program that is killed resumes its last stored session, and what was answered is not asked again', async () => {
  const { ticket, run } = await workWith(async (id) => expect(killProgram(id)).toBeGreaterThan(0));
  await world.pullRequest(ticket, 120_000);
  expect(await turnsOf(run)).toEqual([1, 2, 3]);
  expect([answered(run), (await costsOf(run)).length]).toEqual([3, 3]);
  const { items } = await world.stack.api.get<{ items: { data: { event_type: string; event_data: object } }[] }>(
    `/runs/${run}/events?event_type=agent.started`,
  );
  expect(items.map(({ data }) => data.event_data)).toMatchObject([
    { is_resuming: false },
    { is_resuming: true, resumed_session_id: run },
  ]);
}, 200_000);

test('[EXEC-16] the work goes on after the application is killed: the program works on, and each answer is paid for once', async () => {
  const { ticket, run } = await workWith(async () => {
    world.stack.kill('application');
    await world.stack.ready();
  });
  await world.pullRequest(ticket, 160_000);
  expect(await turnsOf(run)).toEqual([1, 2, 3]);
  const costs = await costsOf(run);
  expect([answered(run), costs.length]).toEqual([3, 3]);
  const { cost_micros: total } = await world.stack.api.get<{ cost_micros: number }>(`/runs/${run}`);
  expect(total).toBe(
    costs.reduce((sum: number, cost) => sum + Number((cost as { cost_micros: number }).cost_micros), 0),
  );
}, 240_000);

test('[EXEC-16] a message reaches the agent of the SDK after the command under way, once', async () => {
  const steered = 'Also keep the README as it is.';
  let sent = '';
  const seen: string[] = [];
  const place = await world.place(
    worked((request) => {
      if (request.text.includes(steered)) seen.push(request.last);
      return request.step === 0
        ? { tools: [call('Bash', { command: `${write} && sleep 4` })] }
        : finishByProgram(request, files);
    }),
  );
  const ticket = await world.ticket(place);
  const run = await world.runOf(ticket);
  await eventually('its command runs', async () => (await turnsOf(run)).length > 0, 60_000);
  ({ message_id: sent } = await world.stack.api.post<{ message_id: string }>(`/runs/${run}/steer`, {
    kind: 'refocus',
    message: steered,
  }));
  await world.pullRequest(ticket, 120_000);
  expect(seen[0]).toContain(steered);
  expect(seen.filter((last) => last.includes(steered))).toHaveLength(1);
  const { items } = await world.stack.api.get<{ items: { id: string; delivered_at_turn: number | null }[] }>(
    `/runs/${run}/messages`,
  );
  expect(items.find(({ id }) => id === sent)).toMatchObject({ delivered_at_turn: 2 });
}, 200_000);

test('[EXEC-16] a run of the SDK is paused between two steps, resumed, interrupted and stopped', async () => {
  const { api } = world.stack;
  let hang = false;
  const place = await world.place(
    worked(() =>
      hang ? { hang: true } : { tools: [call('Bash', { command: `sleep 0.${Math.random()}`.slice(0, 9) })] },
    ),
  );
  const ticket = await world.ticket(place);
  const run = await world.runOf(ticket);
  const status = (wanted: string) =>
    api.until<{ status: string; turn: number }>(`/runs/${run}`, (row) => row.status === wanted, 60_000);
  await eventually('it works', async () => (await turnsOf(run)).length > 1, 60_000);
  await api.post(`/runs/${run}/pause`, {});
  const { turn } = await status('paused');
  const before = world.model.of(`run:${run}`).length;
  await sleep(3000);
  expect([world.model.of(`run:${run}`).length, (await turnsOf(run)).length]).toEqual([before, turn]);
  await api.post(`/runs/${run}/resume`, {});
  await eventually('it works again', async () => (await turnsOf(run)).length > turn + 1, 60_000);
  hang = true;
  await sleep(1500);
  hang = false;
  await api.post(`/runs/${run}/messages`, { kind: 'interrupt', content: 'Look at this first.' });
  await eventually(
    'it reads the interrupt',
    () => world.model.of(`run:${run}`).some(({ text }) => text.includes('Look at this first.')),
    60_000,
  );
  await api.post(`/runs/${run}/stop`, {});
  await status('cancelled');
  expect(killProgram(run)).toBe(0);
}, 240_000);

test('[EXEC-16] a run of the SDK ends at its limit of turns, after a last turn with a notice', async () => {
  const place = await world.place(
    worked(({ step }) => ({ tools: [call('Bash', { command: `echo ${step}` })] })),
    { limits: { max_turns: 4 } },
  );
  const ticket = await world.ticket(place);
  const run = await world.runOf(ticket);
  const ended = await world.stack.api.until<{ status: string; waiting_reason: string | null; turn: number }>(
    `/runs/${run}`,
    (row) => row.status === 'failed' || row.status === 'waiting',
    90_000,
  );
  expect(ended.turn).toBe(5);
  expect(world.model.of(`run:${run}`).at(-1)?.text).toContain('This is your last turn');
}, 150_000);
