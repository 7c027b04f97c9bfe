import type { Answer } from '#server/contracts/client.ts';
import type { getQueue } from '#server/contracts/projects.ts';
import { eventually } from '#tests/support/api.ts';
import { stackServices } from '#tests/support/services.ts';
import { taskQueues, workflowId } from '#workflows/contracts/ids.ts';
import { wakeSignal } from '#workflows/contracts/run.ts';
import { Hold } from '#tests/support/hold.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { addTask, newTicket, task, taskIs, works, type TaskRow, type TicketRow } from '#tests/support/work.ts';

type Queue = Answer<typeof getQueue>;
const organizationOf = async (project_id: string) =>
  (await api().get<{ organization_id: string }>(`/projects/${project_id}`)).organization_id;

describe('tasks', () => {
  test('[EXEC-02] a task moves along its table alone, and what comes late moves nothing', async () => {
    const played = await playOnShared(works({ Ready: { 'src/ready.js': 'export const ready = true;\n' } }));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Moves ${played.word}`);
    const running = await addTask(ticket.id, `Hangs ${played.word}`);
    const { id } = await addTask(ticket.id, `Ready ${played.word}`);
    await taskIs(id, 'completed');
    for (const status of ['running', 'pending', 'failed', 'claiming']) {
      expect([status, (await api().request('PATCH', `/tasks/${id}`, { status })).status]).toEqual([status, 409]);
    }
    expect((await api().request('PATCH', `/tasks/${id}`, { status: 'flying' })).status).toBe(422);
    expect((await api().request('PATCH', `/tasks/${running.id}`, { status: 'completed' })).status).toBe(409);

    // An agent reports its start after the task has ended.
    const services = await stackServices();
    const done = await task(id);
    const ref = { organization_id: await organizationOf(project_id), task_id: id };
    await expect(services.activities.taskRunning({ ...ref, attempt: done.attempt })).rejects.toThrow(/completed/);
    await expect(services.activities.taskRunning({ ...ref, attempt: done.attempt - 1 })).rejects.toThrow(
      /replaced by attempt/,
    );
    expect(await task(id)).toEqual(done);
    const types = (await services.store.events.after(ref.organization_id, 0, 10_000))
      .filter((event) => event.entity.id === id)
      .map((event) => event.type);
    for (const type of ['task.created', 'task.assigned', 'task.started', 'task.completed', 'task.status_changed'])
      expect(types).toContain(type);
    await services.close();
    await api().post(`/tickets/${ticket.id}/cancel`);
    await taskIs(running.id, 'cancelled');
    await played.stop();
  });

  test('a task that is cancelled while its agent is made ready leaves no run open', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Made ready ${played.word}`);
    const { id } = await addTask(ticket.id, `Made ready ${played.word}`);
    const runs = () => api().get<{ items: { id: string; status: string }[] }>(`/runs?task_id=${id}`);
    await eventually('there is a run', async () => (await runs()).items.length > 0);
    await api().post(`/tasks/${id}/cancel`, { reason: 'not wanted after all' });
    await taskIs(id, 'cancelled');
    expect((await runs()).items.map((run) => run.status)).toEqual(['cancelled']);
    await played.stop();
  });

  test('a task that is cancelled just before its workflow runs ends, and waits for nobody', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Just before ${played.word}`);
    const first = await addTask(ticket.id, `Works ${played.word}`);
    const second = await addTask(ticket.id, `Waits ${played.word}`, { depends_on: [first.id] });
    await api().post(`/tasks/${second.id}/cancel`);
    await taskIs(second.id, 'cancelled');
    // What its ticket does when it has decided to start the task a moment earlier.
    const temporal = await temporalClient();
    const result = await temporal.client.workflow.execute('taskWorkflow', {
      workflowId: workflowId.task(second.id),
      taskQueue: taskQueues.main,
      args: [
        {
          organization_id: await organizationOf(project_id),
          project_id,
          spec_id: null,
          ticket_id: ticket.id,
          task_id: second.id,
          validation_rounds: 1,
          max_retries: 0,
          retry_backoff_seconds: 1,
        },
      ],
    });
    expect(result).toEqual({ task_id: second.id, status: 'cancelled', head_sha: null });
    await temporal.close();
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });

  test('[EXEC-05] tasks that would wait for each other are refused; what waits starts when the other has ended, in its ticket or another', async () => {
    const played = await playOnShared(
      works({
        First: { 'src/first.js': 'export const first = 1;\n' },
        Second: { 'src/second.js': 'export const second = 2;\n' },
        Third: { 'src/third.js': 'export const third = 3;\n' },
      }),
    );
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const [one, two] = [
      await newTicket(project_id, `One ${played.word}`),
      await newTicket(project_id, `Two ${played.word}`),
    ];
    const first = await addTask(one.id, `First ${played.word}`);
    const second = await addTask(one.id, `Second ${played.word}`, { depends_on: [first.id] });
    const third = await addTask(two.id, `Third ${played.word}`, { depends_on: [second.id] });
    expect(
      await api().request('POST', '/tasks', {
        ticket_id: one.id,
        title: 'x',
        description: 'x',
        depends_on: ['5b3b8a0c-0000-4000-8000-000000000000'],
      }),
    ).toMatchObject({ status: 400, body: { details: [{ field: 'depends_on' }] } });
    expect(await api().request('POST', `/tasks/${second.id}/dependencies`, { depends_on: [second.id] })).toMatchObject({
      status: 400,
      body: { details: { cycle: [second.id, second.id] } },
    });
    const around = await api().post<{ has_cycle: boolean; cycle: string[] }>(`/tasks/${second.id}/check-circular`, {
      depends_on: [third.id],
    });
    expect(around.has_cycle).toBe(true);
    expect(around.cycle).toEqual(expect.arrayContaining([second.id, third.id]));
    const refused = await api().request('PUT', `/tasks/${second.id}/dependencies`, { depends_on: [third.id] });
    expect(refused).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/wait for each other: .*TSK-\d+ -> .*TSK-\d+/) },
    });
    expect((await task(second.id)).depends_on).toEqual([first.id]);
    // The task waits for a slot already: too late to add a dependency.
    await api().until<Queue>(`/projects/${project_id}/queue`, (queue) =>
      queue.waiting.some((entry) => entry.task_id === first.id),
    );
    expect((await api().request('PUT', `/tasks/${first.id}/dependencies`, { depends_on: [] })).status).toBe(409);
    expect(
      (await api().get<{ blocked: string[] }>(`/graph/dependency-graph/task/${first.id}/blocked`)).blocked,
    ).toEqual([second.id]);

    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: true });
    await taskIs(third.id, 'completed');
    const starts = await Promise.all(
      [first, second, third].map(({ id }) => api().get<{ started_at: string; ended_at: string }>(`/tasks/${id}`)),
    );
    expect(starts.map((row) => row.started_at)).toEqual(starts.map((row) => row.started_at).sort());
    expect(Date.parse(starts[1]?.started_at ?? '')).toBeGreaterThanOrEqual(Date.parse(starts[0]?.ended_at ?? ''));
    expect(Date.parse(starts[2]?.started_at ?? '')).toBeGreaterThanOrEqual(Date.parse(starts[1]?.ended_at ?? ''));
    const events = await api().all<{ type: string; data: { unblocked_task_ids?: string[] } }>(
      `/events?types=tasks.unblocked`,
    );
    expect(events.flatMap((event) => event.data.unblocked_task_ids ?? [])).toEqual(expect.arrayContaining([second.id]));
    await played.stop();
  });

  test('a task that waits for a cancelled one says so, and continues when it waits no more', async () => {
    const played = await playOnShared(works({ Later: { 'src/later.js': 'export const later = 1;\n' } }));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Given up ${played.word}`);
    const first = await addTask(ticket.id, `Hangs ${played.word}`);
    const later = await addTask(ticket.id, `Later ${played.word}`, { depends_on: [first.id] });
    await taskIs(first.id, 'running');
    await api().post(`/tasks/${first.id}/cancel`);
    const stuck = await api().until<TicketRow>(`/tickets/${ticket.id}`, (row) => row.needs_review);
    expect(stuck.last_error).toBe(
      `Later ${played.word} waits for a task that was cancelled. Change what it waits for, or cancel it.`,
    );
    await api().request('DELETE', `/tasks/${later.id}/dependencies/${first.id}`);
    await taskIs(later.id, 'completed');
    await played.stop();
  });

  test('the reviews of a task are numbered across its retry by hand', async () => {
    let passes = false;
    const played = await playOnShared((request) => {
      const { kind, attempt } = request.context;
      const value = answerValue(request);
      if (value) return value;
      if (kind === 'validation')
        return passes || request.step === 0
          ? reviewPasses(request)
          : { tools: [call('submit_review', { passed: false, feedback: 'Not yet.', evidence: ['It is not.'] })] };
      if (attempt === 2) return { hang: true };
      return finishTask(request, { 'src/numbered.js': `export const numbered = ${attempt};\n` });
    });
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Numbered ${played.word}`);
    const { id } = await addTask(ticket.id, `Numbered ${played.word}`);
    await api().until<TaskRow>(`/tasks/${id}`, (row) => row.status === 'running' && row.attempt === 2, 90_000);
    await api().post(`/tasks/${id}/fail`, { reason: 'For the test.' });
    await taskIs(id, 'failed');
    passes = true;
    await api().post(`/tasks/${id}/retry`);
    await taskIs(id, 'completed');
    const { items } = await api().get<{ items: { iteration: number; passed: boolean }[] }>(`/tasks/${id}/reviews`);
    expect(items.map(({ iteration, passed }) => [iteration, passed])).toEqual([
      [1, false],
      [2, true],
    ]);
    await played.stop();
  });

  test('a task can be failed while it is reviewed, and the review is no verdict then', async () => {
    const played = await playOnShared((request) =>
      request.context.kind === 'validation' ? { hang: true } : works({ Reviewed: { 'src/r.js': '1;\n' } })(request),
    );
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Reviewed ${played.word}`);
    const { id } = await addTask(ticket.id, `Reviewed ${played.word}`);
    await taskIs(id, 'validating');
    await eventually('the reviewer is at work', () =>
      played.model.requests.some((r) => r.context.kind === 'validation'),
    );
    expect(await api().post(`/tasks/${id}/fail`, { reason: 'Not wanted like this.' })).toEqual({ status: 'failing' });
    const failed = await taskIs(id, 'failed', 'pending', 'running');
    expect(failed).toMatchObject({ status: 'failed', error_message: expect.stringContaining('Not wanted like this.') });
    const { items } = await api().get<{ items: unknown[] }>(`/tasks/${id}/reviews`);
    expect(items).toEqual([]);
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });

  test('two dependencies that are added at once are both kept, or one is refused as a circle', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const played = await playOnShared(works({}));
    const ticket = await newTicket(project_id, `Waits ${played.word}`);
    const root = await addTask(ticket.id, `Root ${played.word}`);
    const make = (title: string) => addTask(ticket.id, `${title} ${played.word}`, { depends_on: [root.id] });
    const [a, b, c] = [await make('A'), await make('B'), await make('C')];
    const add = (id: string, other: string) =>
      api().request('POST', `/tasks/${id}/dependencies`, { depends_on: [other] });
    const both = await Promise.all([add(a.id, b.id), add(a.id, c.id)]);
    expect(both.map((answer) => answer.status)).toEqual([200, 200]);
    expect([...(await task(a.id)).depends_on].sort()).toEqual([root.id, b.id, c.id].sort());
    const around = await Promise.all([add(b.id, c.id), add(c.id, b.id)]);
    expect(around.map((answer) => answer.status).sort()).toEqual([200, 400]);
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });

  test('a run whose history has grown long continues as new', async () => {
    const hold = new Hold();
    const done = works({ Long: { 'src/long.js': 'export const long = 1;\n' } });
    const played = await playOnShared(async (request) => {
      if (request.context.kind === 'task' && request.step === 0) await hold.here();
      return done(request);
    });
    const { id: project_id } = await newProject(api(), undefined, { validation: 'none' });
    const ticket = await newTicket(project_id, `Long ${played.word}`);
    const { id } = await addTask(ticket.id, `Long ${played.word}`);
    await hold.reached;
    const temporal = await temporalClient();
    const run_id = (await task(id)).run_id ?? '';
    const run = temporal.client.workflow.getHandle(workflowId.run(run_id));
    // Each signal is an event; more than a thousand of them make the history long.
    for (let sent = 0; sent < 1000; sent += 100)
      await Promise.all(Array.from({ length: 100 }, () => run.signal(wakeSignal, {})));
    // It is the workflow that continues as new, so the stretch under way has to return to it.
    await api().post(`/runs/${run_id}/pause`);
    hold.release();
    await api().until<{ status: string }>(`/runs/${run_id}`, ({ status }) => status === 'paused');
    await api().post(`/runs/${run_id}/resume`);
    expect(await taskIs(id, 'completed', 'failed')).toMatchObject({ status: 'completed', attempt: 1 });
    const { raw } = await run.describe();
    expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
    await temporal.close();
    await played.stop();
  });

  test('a task has its own limit of time and a score', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Hangs ${played.word}`);
    const { id } = await addTask(ticket.id, `Hangs ${played.word}`, { timeout_seconds: 2, max_retries: 0 });
    const failed = await taskIs(id, 'failed');
    expect(failed.score).toBeGreaterThan(0);
    const run = await api().get<{ limits: object; stop_reason: string }>(`/runs/${failed.run_id}`);
    expect(run).toMatchObject({ limits: { max_seconds: 2 }, stop_reason: 'max_duration_reached' });
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });
});
