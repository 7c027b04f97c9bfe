import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { finishByProgram, isOfProgram, playedSdkFolder, stepOf } from '#tests/support/agent-sdk.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { newProject } from '#tests/support/shared.ts';

let own: OwnStack;
let folder: string;
beforeAll(async () => {
  folder = playedSdkFolder();
  own = await OwnStack.start({ RUNNER: 'claude-agent-sdk', OMOIOS_RUN_SDK_FOLDER: folder });
}, 300_000);
afterAll(() => own.stop());

const files = { 'src/by-program.js': 'export const answer = 42;\n' };

/** A ticket whose task a program works on. */
async function work(answered: (request: Played) => Reply | void = () => undefined, settings: object = {}) {
  const played = await own.play((request) => {
    if (isOfProgram(request)) {
      return answered(request) ?? finishByProgram(request, files);
    }
    return (
      answerValue(request) ??
      (request.context.kind === 'validation' ? reviewPasses(request) : finishTask(request, files))
    );
  });
  const { id: project_id } = await newProject(own.api, undefined, settings);
  const { task_id, id } = await own.api.post<{ id: string; task_id: string }>('/tickets', {
    project_id,
    title: `Write a file ${played.word}`,
    description: 'Write src/by-program.js.',
    workflow_mode: 'quick',
  });
  const { run_id } = await own.api.until<{ run_id: string }>(`/tasks/${task_id}`, (row) => row.run_id !== null);
  return { played, run: run_id, ticket: id };
}

const pullOf = (ticket: string) =>
  own.api.until<{ items: object[] }>(`/pull-requests?ticket_id=${ticket}`, (page) => page.items.length > 0, 120_000);

interface Run {
  status: string;
  runner: string;
  cost_micros: number;
  waiting_reason: string | null;
}

test('[EXEC-16] a program in the sandbox carries a task to its pull request, and a repeated request is not paid for again', async () => {
  let asked = 0;
  const { played, run, ticket } = await work(() => void (asked += 1));
  await pullOf(ticket);
  const { items: turns } = await own.api.get<{ items: { turn: number; stop_reason: string }[] }>(`/runs/${run}/turns`);
  expect(turns.map(({ turn }) => turn)).toEqual([1, 2, 3]);
  // Each request was sent twice.
  expect(asked).toBe(3);
  const { items: costs } = await own.api.get<{ items: { id: string; cost_micros: number }[] }>(
    `/costs/records?run_id=${run}`,
  );
  expect(costs).toHaveLength(3);
  const { runner, cost_micros } = await own.api.get<Run>(`/runs/${run}`);
  expect([runner, cost_micros]).toEqual(['claude-agent-sdk', costs.reduce((sum, cost) => sum + cost.cost_micros, 0)]);
  const refusedFork = await own.api.request('POST', `/runs/${run}/fork`, { turn: 1, instruction: 'Another way.' });
  expect([refusedFork.status, JSON.stringify(refusedFork.body)]).toEqual([
    400,
    expect.stringContaining('is not forked'),
  ]);
  await played.stop();
});

test('[EXEC-16] a sandbox without the SDK makes the run wait for a person, with the remedy, and a project may choose the loop', async () => {
  const at = path.join(folder, '@anthropic-ai/claude-agent-sdk');
  rmSync(at, { recursive: true });
  const { played, run, ticket } = await work();
  const row = await own.api.until<Run>(`/runs/${run}`, ({ status }) => status === 'paused', 60_000);
  expect(row.waiting_reason).toContain('npm install -g @anthropic-ai/claude-agent-sdk');
  playedSdkFolder();
  expect(existsSync(at)).toBe(true);
  await own.api.post(`/runs/${run}/resume`, {});
  await pullOf(ticket);
  await played.stop();
  const other = await work(undefined, { runner: 'loop' });
  expect((await own.api.get<Run>(`/runs/${other.run}`)).runner).toBe('loop');
  await other.played.stop();
});

/** Ends a sandbox of this machine with its processes and files, as the end of its machine would. */
function lose(sandbox: string): void {
  const folder = path.join(own.stack.address.dataDir, 'sandboxes', sandbox);
  const [, owner] = readFileSync(path.join(folder, 'holder/owner'), 'utf8').split(' ');
  const info = JSON.parse(readFileSync(path.join(folder, 'holder/info'), 'utf8')) as { 'child-pid': number };
  // At once: the platform may make the next one while its files are deleted.
  const gone = path.join(own.stack.address.dataDir, 'gone');
  renameSync(folder, gone);
  // With its process 1 all others inside end.
  for (const pid of [Number(owner), info['child-pid']]) process.kill(pid, 'SIGKILL');
  rmSync(gone, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

test('[EXEC-16] a sandbox that is lost is made again with its files, and the session goes on there to its pull request', async () => {
  let asked = 0;
  let lost = false;
  const said: string[] = [];
  const { played, run, ticket } = await work((request) => {
    if (stepOf(request) !== 1) return undefined;
    asked += 1;
    said.push(request.text);
    return lost ? undefined : { hang: true };
  });
  await eventually('its second request is under way', () => asked > 0, 60_000);
  // The files of the first turn are kept beside the request that follows.
  const kept = async () => {
    const { head_sha, base_sha } = await own.api.get<{ head_sha: string | null; base_sha: string }>(`/runs/${run}`);
    return head_sha !== null && head_sha !== base_sha;
  };
  await eventually('its files are kept', kept, 30_000);
  lost = true;
  lose((await own.api.get<{ sandbox_id: string }>(`/runs/${run}`)).sandbox_id);
  await pullOf(ticket);
  expect(said.at(-1)).toContain('Your sandbox had to be created again');
  const { items: turns } = await own.api.get<{ items: { turn: number }[] }>(`/runs/${run}/turns`);
  expect(turns.map(({ turn }) => turn)).toEqual([1, 2, 3]);
  const { items: costs } = await own.api.get<{ items: object[] }>(`/costs/records?run_id=${run}`);
  expect(costs).toHaveLength(3);
  await played.stop();
});

test('[EXEC-16] a run of a program stops at its money, and waits for a person when its provider refuses the key', async () => {
  let keyIsGood = true;
  let asked = 0;
  const { played, run, ticket } = await work(
    (request) => {
      if (!keyIsGood) return { status: 401, error: { type: 'authentication_error', message: 'invalid x-api-key' } };
      asked += 1;
      if (asked > 1) return undefined;
      return { ...finishByProgram(request, files), usage: { input_tokens: 20_000, output_tokens: 60_000 } };
    },
    { limits: { max_usd: 0.5 } },
  );
  const until = (wanted: string) =>
    own.api.until<Run & { waiting_for: string | null }>(`/runs/${run}`, (row) => row.waiting_for === wanted, 60_000);
  const broke = await until('budget');
  expect(broke.waiting_reason).toMatch(/^The budget of this run is (spent|too low).*Raise it, and the run continues/);
  expect(asked).toBe(1);

  keyIsGood = false;
  await own.api.post('/costs/budgets', { scope_type: 'run', scope_id: run, limit_amount: 20 });
  const refused = await until('person');
  expect(refused.waiting_reason).toMatch(/Fix it, then resume one run/);
  expect(refused.cost_micros).toBe(broke.cost_micros);

  keyIsGood = true;
  await own.api.post(`/runs/${run}/resume`, {});
  await pullOf(ticket);
  const { items: costs } = await own.api.get<{ items: object[] }>(`/costs/records?run_id=${run}`);
  expect(costs).toHaveLength(asked);
  await played.stop();
});

test('[EXEC-16] the time of a run ends the program in its sandbox, and one last turn follows', async () => {
  const heard: string[] = [];
  const { played, run } = await work(
    (request) => {
      if (request.context.attempt !== 1) return { hang: true };
      heard.push(request.text);
      const isLast = request.text.includes('This is your last turn');
      return isLast ? { text: 'I could not finish.' } : { hang: true };
    },
    { limits: { max_seconds: 4 } },
  );
  const ended = await own.api.until<Run & { stop_reason: string | null; turn: number }>(
    `/runs/${run}`,
    ({ status }) => status === 'failed',
    60_000,
  );
  expect(ended).toMatchObject({ stop_reason: 'max_duration_reached', turn: 1 });
  expect(heard.at(-1)).toContain('This is your last turn');
  await played.stop();
});
