import type { Answer } from '#server/contracts/client.ts';
import { listRuns, type getRun } from '#server/contracts/runs.ts';
import { completeTask, sendFeedback, spawnValidator, validationStatus } from '#server/contracts/validation.ts';
import { eventually } from '#tests/support/api.ts';
import { testCommand } from '#tests/support/repository.ts';
import { answerValue, call, reviewPasses } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, task, taskIs, works } from '#tests/support/work.ts';

type Run = Answer<typeof getRun>;
const criteria = [{ id: 'C-1', text: 'The tests pass.' }];

test('[EXEC-25] a sandbox claims that its task is done, which is checked and reviewed like any claim, and unblocks others', async () => {
  const curl =
    'curl -s -m 10 -w " %{http_code}\\n" -H "Authorization: Bearer $OMOIOS_SANDBOX_KEY" -H "Content-Type: application/json"';
  const at = '$OMOIOS_API_URL/sandboxes/$OMOIOS_SANDBOX_ID/task-complete';
  const claim = (task_id: string, evidence: object[]) =>
    `${curl} -d '${JSON.stringify({ task_id, success: true, result: { summary: 'Wrote it.', evidence } })}' ${at}`;
  const command = `echo 'export {};' > src/claimed.js; ${testCommand}`;
  const reviews: string[] = [];
  const played = await playOnShared((request) => {
    const { context, step } = request;
    const value = answerValue(request);
    if (value) return value;
    if (context.kind === 'validation') {
      reviews.push(request.raw);
      return reviewPasses(request);
    }
    const id = context.task_id ?? '';
    if (context.title?.includes('Fails'))
      return step === 0 && context.attempt === 1
        ? {
            tools: [
              call('bash', {
                command: `${curl} -d '{"task_id":"${id}","success":false,"error_message":"No way."}' ${at}`,
              }),
            ],
          }
        : { hang: true };
    if (!context.title?.includes('Claims')) return { hang: true };
    const foreign = '22222222-2222-4222-8222-222222222222';
    // The second iteration follows the refused claim.
    const again = request.raw.includes('and not accepted');
    const tool_use_id = `toolu_${request.user_id.slice(-12)}_${again ? 'two' : 'one'}`;
    const shown = again ? [{ criterion_id: 'C-1', tool_use_id }] : [];
    if (step === 0) return { tools: [call('bash', { command }, tool_use_id)] };
    return step === 1
      ? { tools: [call('bash', { command: `${claim(foreign, [])}; ${claim(id, shown)}; ${claim(id, shown)}` })] }
      : { hang: true };
  });
  const { id: project_id } = await newProject(api(), undefined, { network: 'registries' });
  const ticket = await newTicket(project_id, `Completions ${played.word}`);
  const first = await addTask(ticket.id, `Claims ${played.word}`, { criteria });
  const next = await addTask(ticket.id, `Next ${played.word}`, { depends_on: [first.id] });
  await taskIs(first.id, 'completed');
  const said = played.model.requests.flatMap(({ results }) => results.map(({ text }) => text)).join('\n');
  expect(said).toMatch(/is not the task of this run.* 403/);
  expect(said).toMatch(/"new_status":"running","claim":"taken","unblocked_tasks":\[\]\} 200/);
  expect(said).toMatch(/"claim":"known".* 200/);
  expect(played.model.requests.some(({ raw }) => raw.includes('Completion was reported, and not accepted'))).toBe(true);
  expect(reviews.length).toBeGreaterThan(0);
  const [run] = await api().list(listRuns, { query: { task_id: first.id, kind: 'task' } });
  expect(run).toMatchObject({ status: 'completed', iteration: 2, outcome: { summary: 'Wrote it.' } });
  await taskIs(next.id, 'running');
  const again = () =>
    api().call(completeTask, { params: { id: run?.id ?? '' }, body: { task_id: first.id, success: true } });
  expect(await again()).toEqual({
    task_id: first.id,
    new_status: 'completed',
    claim: 'known',
    unblocked_tasks: [next.id],
  });

  const failing = await addTask(ticket.id, `Fails ${played.word}`, { max_retries: 1 });
  await eventually(
    'a second attempt follows the failure that the sandbox reported',
    async () => (await task(failing.id)).attempt === 2,
    60_000,
  );
  const runs = await api().list(listRuns, { query: { task_id: failing.id, kind: 'task' } });
  const failed = runs.find(({ attempt }) => attempt === 1);
  expect(failed).toMatchObject({ status: 'failed', stop_reason: 'reported_failure' });
  expect(failed?.error_message).toContain('No way.');
  for (const { id } of [next, failing]) await api().post(`/tasks/${id}/cancel`, {});
  await played.stop();
});

test('[EXEC-37] only a running validator gives a review, with feedback where it does not pass, and its task acts on it', async () => {
  const played = await playOnShared((request) =>
    request.context.kind === 'validation'
      ? { hang: true }
      : works({ Reviewed: { 'src/reviewed.js': 'export {};\n' }, Unseen: { 'src/unseen.js': 'export {};\n' } })(
          request,
        ),
  );
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Reviews ${played.word}`);
  const { id: task_id } = await addTask(ticket.id, `Reviewed ${played.word}`);
  const status = () => api().call(validationStatus, { query: { task_id } });
  const validatorOf = async (iteration: number) => {
    const { validator_agent_id: id } = await api().until<Answer<typeof validationStatus>>(
      `/validation/status?task_id=${task_id}`,
      (row) => row.validator_agent_id !== null && row.iteration === iteration,
      90_000,
    );
    await api().until<Run>(`/runs/${id}`, (run) => run.status === 'running', 60_000);
    return id ?? '';
  };
  const validator = await validatorOf(1);
  const [author] = await api().list(listRuns, { query: { task_id, kind: 'task' } });
  const give = (body: object) =>
    api().request('POST', '/validation/give_review', {
      task_id,
      validator_agent_id: validator,
      validation_passed: false,
      feedback: 'It lacks a test.',
      ...body,
    });
  expect((await give({ validator_agent_id: author?.id })).status).toBe(403);
  expect(await give({ feedback: ' ' })).toMatchObject({ status: 400, body: { details: [{ field: 'feedback' }] } });
  const unknown = { criterion_id: 'REQ-MOON-FUNC-001-1', met: true, confidence: 1, evidence: 'x', reasoning: 'y' };
  expect(await give({ validation_passed: true, criteria: [unknown] })).toMatchObject({
    ...{
      status: 400,
      body: { message: expect.stringContaining(unknown.criterion_id), details: [{ field: 'criteria' }] },
    },
  });
  expect((await api().request('POST', '/validation/spawn_validator', { task_id })).status).toBe(409);
  expect((await api().request('POST', '/validation/send_feedback', { task_id, feedback: 'Hm.' })).status).toBe(409);
  expect(await status()).toMatchObject({ state: 'validating', enabled: true, review_done: false, last_feedback: null });
  expect(await give({})).toMatchObject({ status: 200, body: { status: 'taken' } });
  await api().until<Run>(`/runs/${validator}`, (run) => run.ended_at !== null, 60_000);
  expect((await give({})).status).toBe(400);

  const second = await validatorOf(2);
  expect(await status()).toMatchObject({ iteration: 2, last_feedback: 'It lacks a test.' });
  expect((await give({ validator_agent_id: author?.id, validation_passed: true })).status).toBe(403);
  expect(
    await api().request('POST', `/sandboxes/${second}/validation-result`, { task_id, passed: true, feedback: 'Good.' }),
  ).toMatchObject({ status: 200 });
  await taskIs(task_id, 'completed');
  expect(await status()).toMatchObject({ state: 'completed', review_done: true, last_feedback: 'Good.' });

  // One whose work nobody would review.
  const { id: unseen } = await addTask(ticket.id, `Hangs ${played.word}`, { validation_enabled: false });
  await taskIs(unseen, 'running');
  expect(await api().call(spawnValidator, { body: { task_id: unseen } })).toEqual({ status: 'planned' });
  expect((await api().request('POST', '/validation/spawn_validator', { task_id: unseen })).status).toBe(409);
  const { message_id } = await api().call(sendFeedback, { body: { task_id: unseen, feedback: 'Mind the tests.' } });
  const { run_id } = await task(unseen);
  const { items } = await api().get<{ items: { id: string; content: string }[] }>(`/runs/${run_id}/messages`);
  expect(items).toMatchObject([{ id: message_id, content: 'Mind the tests.' }]);
  await api().post(`/tasks/${unseen}/cancel`, {});
  await played.stop();
});
