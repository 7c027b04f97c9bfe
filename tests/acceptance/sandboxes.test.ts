import type { Answer } from '#server/contracts/client.ts';
import { listRuns, type getRun } from '#server/contracts/runs.ts';
import type { runTranscript } from '#server/contracts/sandboxes.ts';
import { sandboxHealth, sandboxMonitoring, spawnSandbox } from '#server/contracts/sandboxes.ts';
import { newPerson } from '#tests/support/people.ts';
import { testCommand } from '#tests/support/repository.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { type TaskRow } from '#tests/support/work.ts';

type Run = Answer<typeof getRun>;
const ended = (row: { ended_at: string | null }) => row.ended_at !== null;

test('[EXEC-24] a session is read in parts and resumed by its id or its task, knowing its turns; a task without one starts fresh', async () => {
  const command = `mkdir -p src; echo 'export {};' > src/resumed.js; ${testCommand}`;
  const played = await playOnShared((request) => {
    const value = answerValue(request);
    if (value) return value;
    if (request.context.kind === 'validation') return reviewPasses(request);
    if (request.raw.includes('> src/resumed.js'))
      return { tools: [call('complete_task', { summary: 'Written.', evidence: [{ command, exit_code: 0 }] })] };
    if (request.raw.includes('Continue by')) return { tools: [call('bash', { command })] };
    return request.context.title?.includes('Waits') ? { hang: true } : finishTask(request, { 'src/a.js': '' });
  });
  const { id: project_id, repository } = await newProject();
  const quick = (title: string) =>
    api().post<{ id: string; task_id: string }>('/tickets', {
      project_id,
      title: `${title} ${played.word}`,
      description: 'Write a module.',
      workflow_mode: 'quick',
      force_create: true,
    });
  const first = await quick('Works');
  await api().until<TaskRow>(`/tasks/${first.task_id}`, (row) => row.status === 'completed', 90_000);
  const [run] = await api().list(listRuns, { query: { task_id: first.task_id, kind: 'task' } });
  const { id = '', sandbox_id: name } = run ?? {};

  // The sandbox's own name reaches what its run's id reaches.
  expect(await api().get<Run>(`/sandboxes/${name}`)).toEqual(await api().get<Run>(`/runs/${id}`));
  expect(await api().get(`/sandboxes/${name}/trajectory`)).toEqual(await api().get(`/runs/${id}/trajectory`));
  expect(await api().get(`/sandboxes/${name}/phase-status`)).toMatchObject({
    run_id: id,
    phase: 'PHASE_IMPLEMENTATION',
    passed: false,
  });
  const { api: stranger } = await newPerson();
  for (const path of [`/sandboxes/${name}`, '/sandboxes/omoios-none-000000', `/sandboxes/${name}/transcript`])
    expect([path, (await stranger.request('GET', path)).status]).toEqual([path, 404]);
  expect(await api().call(sandboxHealth, {})).toMatchObject({ status: 'healthy', problem: null });
  expect(await api().call(sandboxMonitoring, {})).toMatchObject({ idle_timeout_seconds: expect.any(Number) });

  const lines: { seq: number; role: string; content: unknown[] }[] = [];
  for (let cursor: string | null = '0'; cursor !== null;) {
    const part: Answer<typeof runTranscript> = await api().get(
      `/sandboxes/${name}/transcript?limit=2&cursor=${cursor}`,
    );
    expect(part).toMatchObject({ session_id: id });
    const text = Buffer.from(part.transcript, 'base64').toString();
    lines.push(
      ...text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as (typeof lines)[number]),
    );
    cursor = part.next_cursor;
  }
  expect(lines.map(({ seq }) => seq)).toEqual([...new Set(lines.map(({ seq }) => seq))].sort((a, b) => a - b));
  expect(lines.slice(0, 2).map(({ role }) => role)).toEqual(['user', 'assistant']);
  expect(JSON.stringify(lines)).toContain('I write the files.');

  for (const [by, subject] of [
    ['id', { session_id: id }],
    ['task', { task_id: first.task_id }],
  ] as const) {
    const resumed = await api().call(spawnSandbox, { body: { ...subject, instruction: `Continue by ${by}.` } });
    expect(resumed).toMatchObject({ resumed: true, session_id: id });
    const done = await api().until<Run>(`/runs/${resumed.run_id}`, ended, 90_000);
    expect(done).toMatchObject({ status: 'completed', forked_from: { run_id: id, turn: run?.turn } });
    expect(repository.git('show', `${done.branch}:src/resumed.js`)).toContain('export');
    const asked = played.model.requests.find(({ raw }) => raw.includes(`Continue by ${by}.`));
    expect(asked?.text).toContain('I write the files.');
  }

  const refused = (body: object) => api().request('POST', '/sandboxes', { instruction: 'Go on.', ...body });
  expect(await refused({})).toMatchObject({ status: 422, body: { details: [{ field: 'session_id' }] } });
  expect((await refused({ session_id: id, task_id: first.task_id })).status).toBe(422);
  expect((await refused({ session_id: id, turn: 99 })).status).toBe(400);
  expect((await stranger.request('POST', '/sandboxes', { session_id: id, instruction: 'Go on.' })).status).toBe(404);

  const waits = await quick('Waits');
  const begun = await api().until<TaskRow>(`/tasks/${waits.task_id}`, (row) => row.status === 'running', 60_000);
  expect(await refused({ session_id: begun.run_id })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('no turn yet') },
  });
  expect((await refused({ task_id: waits.task_id })).status).toBe(409);
  await api().post(`/tasks/${waits.task_id}/fail`, { reason: 'It hangs.' });
  await api().until<TaskRow>(`/tasks/${waits.task_id}`, (row) => row.status === 'failed', 60_000);
  const fresh = await api().call(spawnSandbox, {
    body: { task_id: waits.task_id, instruction: 'Continue by writing.' },
  });
  expect(fresh).toEqual({ run_id: null, session_id: null, resumed: false });
  const done = await api().until<TaskRow>(`/tasks/${waits.task_id}`, (row) => row.status === 'completed', 90_000);
  expect(done.attempt).toBe(2);
  await played.stop();
});
