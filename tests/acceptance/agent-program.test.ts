import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { finishByProgram, isOfProgram, playedSdkFolder } from '#tests/support/agent-sdk.ts';
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
async function work(answered: (text: string) => void = () => undefined, settings: object = {}) {
  const played = await own.play((request) => {
    if (isOfProgram(request)) {
      answered(request.last);
      return finishByProgram(request, files);
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

interface Run {
  status: string;
  runner: string;
  cost_micros: number;
  waiting_reason: string | null;
}

test('[EXEC-16] a program in the sandbox carries a task to its pull request, and a repeated request is not paid for again', async () => {
  let asked = 0;
  const { played, run, ticket } = await work(() => (asked += 1));
  await own.api.until<{ items: object[] }>(
    `/pull-requests?ticket_id=${ticket}`,
    (page) => page.items.length > 0,
    120_000,
  );
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
  await own.api.until<{ items: object[] }>(
    `/pull-requests?ticket_id=${ticket}`,
    (page) => page.items.length > 0,
    120_000,
  );
  await played.stop();
  const other = await work(undefined, { runner: 'loop' });
  expect((await own.api.get<Run>(`/runs/${other.run}`)).runner).toBe('loop');
  await other.played.stop();
});
