import { setTimeout as sleep } from 'node:timers/promises';
import { workflowId } from '#workflows/contracts/ids.ts';
import { requestSignal } from '#workflows/contracts/work.ts';
import { eventually } from '#tests/support/api.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { addTask, newTicket, task, taskIs, works, type TaskRow, type TicketRow } from '#tests/support/work.ts';

interface Queue {
  limit: number;
  active: { task_id: string }[];
  waiting: { task_id: string }[];
}
interface PullRequest {
  id: string;
  number: number;
  url: string;
  title: string;
  body: string;
  branch: string;
}
const organizationOf = async (project_id: string) =>
  (await api().get<{ organization_id: string }>(`/projects/${project_id}`)).organization_id;

describe('work on the board', () => {
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

    // An agent that reports its start after all is over.
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

  test('[EXEC-04] of seven that are ready five start, each in one run, however often they are asked for', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Seven ${played.word}`);
    const tasks = await Promise.all(
      Array.from({ length: 7 }, (_, n) => addTask(ticket.id, `Number ${n} ${played.word}`)),
    );
    const all = () => api().all<TaskRow>(`/tasks?ticket_id=${ticket.id}`);
    const status = (rows: TaskRow[], ...states: string[]) => rows.filter((row) => states.includes(row.status));
    await eventually('five of them run', async () => status(await all(), 'running').length === 5);

    // Asked for again and again, by hand and by the workflows' own signal.
    const temporal = await temporalClient();
    const queue = temporal.client.workflow.getHandle(workflowId.projectQueue(project_id));
    for (const row of await all())
      await queue.signal(requestSignal, {
        task_id: row.id,
        ticket_id: ticket.id,
        priority: 'CRITICAL',
        requested_at: new Date().toISOString(),
        dependents: 0,
        retry_count: 0,
        max_retries: 3,
        deadline_at: null,
        forced: false,
        project_open: true,
      });
    await sleep(700);
    const rows = await all();
    expect(status(rows, 'running')).toHaveLength(5);
    expect(status(rows, 'pending')).toHaveLength(2);
    expect(rows).toHaveLength(7);
    const runs = await api().all<{ task_id: string }>(`/runs?ticket_id=${ticket.id}`);
    expect(runs.map((run) => run.task_id).sort()).toEqual(
      status(rows, 'running')
        .map((row) => row.id)
        .sort(),
    );
    const view = await api().get<Queue>(`/projects/${project_id}/queue`);
    expect(view.limit).toBe(5);
    expect(view.active).toHaveLength(5);

    // One ends, the next begins.
    const ended = status(rows, 'running')[0] as TaskRow;
    await api().post(`/tasks/${ended.id}/cancel`);
    await eventually(
      'a sixth runs',
      async () => status(await all(), 'running').length === 5 && (await task(ended.id)).status === 'cancelled',
    );

    // Where agents do not start by themselves, only what is asked for by hand does.
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    for (const row of status(await all(), 'running').slice(0, 2)) await api().post(`/tasks/${row.id}/cancel`);
    const byHand = await api().post<{ id: string; task_id: string }>('/tickets', {
      project_id,
      title: `Quick ${played.word}`,
      description: 'By hand.',
      workflow_mode: 'quick',
    });
    await taskIs(byHand.task_id, 'running');
    const left = tasks.map((row) => row.id);
    expect((await all()).filter((row) => left.includes(row.id) && row.status === 'pending')).toHaveLength(1);
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: true });
    await eventually('the last one runs', async () => status(await all(), 'pending').length === 0);
    for (const id of [ticket.id, byHand.id]) await api().post(`/tickets/${id}/cancel`);
    await temporal.close();
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
    // It waits for a slot by now: too late to make it wait for something.
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
    const told = await api().all<{ type: string; data: { unblocked_task_ids?: string[] } }>(
      `/events?types=tasks.unblocked`,
    );
    expect(told.flatMap((event) => event.data.unblocked_task_ids ?? [])).toEqual(expect.arrayContaining([second.id]));
    await played.stop();
  });

  test('what waits for a cancelled task says so, and goes on when it waits no more', async () => {
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

  test('[GIT-05] a branch stands before the sandbox does, and a retry works on the same one', async () => {
    let branchesAtStart: string[] | undefined;
    const { id: project_id, repository } = await newProject();
    const played = await playOnShared((request) => {
      if (request.context.kind === 'task') branchesAtStart ??= repository.branches();
      if (request.context.kind === 'task' && request.context.attempt === 1) return { hang: true };
      return works({ Branch: { 'src/branch.js': 'export const branch = 1;\n' } })(request);
    });
    repository.git('branch', `feature/TKT-1-branch-${played.word}`.slice(0, 60));
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Branch ${played.word}`,
      description: 'Add a branch.',
      workflow_mode: 'quick',
    });
    const first = await taskIs(ticket.task_id, 'running');
    await eventually('its agent is at work', () => branchesAtStart !== undefined);
    await api().post(`/tasks/${ticket.task_id}/fail`, { reason: 'To be tried anew.' });
    expect((await taskIs(ticket.task_id, 'failed')).error_message).toContain('To be tried anew.');
    await api().post(`/tasks/${ticket.task_id}/retry`);
    const done = await taskIs(ticket.task_id, 'completed');
    const { branch } = await api().get<TicketRow>(`/tickets/${ticket.id}`);
    expect(branch).toMatch(/^feature\/TKT-\d+-branch-w/);
    expect(branchesAtStart).toContain(branch);
    expect(done.attempt).toBe(2);
    expect(done.branch).toBe(first.branch);
    // A review, where there was one, read that same branch.
    const runs = await api().all<{ branch: string }>(`/runs?ticket_id=${ticket.id}`);
    expect(new Set(runs.map((run) => run.branch))).toEqual(new Set([first.branch]));
    await played.stop();
  });

  test("[GIT-06] a ticket's pull request names it; without a commit there is none, and it says why", async () => {
    const played = await playOnShared(works({ Useful: { 'src/useful.js': 'export const useful = 1;\n' }, Empty: {} }));
    const { id: project_id } = await newProject();
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Useful ${played.word}`,
      description: 'Add something.',
      workflow_mode: 'quick',
    });
    const { items } = await api().until<{ items: PullRequest[] }>(
      `/pull-requests?project_id=${project_id}`,
      (page) => page.items.length > 0,
      40_000,
    );
    const [opened] = items as [PullRequest];
    expect(opened.title).toMatch(new RegExp(`^\\[${ticket.key}\\] `));
    expect(opened.number).toBeGreaterThan(0);
    expect(opened.url).toMatch(/^http/);
    const { body } = await api().get<PullRequest>(`/pull-requests/${opened.id}`);
    expect(body).toContain(ticket.key);

    const empty = await newTicket(project_id, `Nothing ${played.word}`);
    const services = await stackServices();
    const organization_id = await organizationOf(project_id);
    await services.activities.openTicket({ organization_id, ticket_id: empty.id, base_branch: null });
    expect(await services.activities.openPullRequest({ organization_id, ticket_id: empty.id, spec_id: null })).toEqual({
      opened: false,
      reason: 'No commit was made, so there is nothing to open a pull request for.',
    });
    await services.close();
    expect((await api().all(`/pull-requests?project_id=${project_id}`)).length).toBe(1);
    await played.stop();
  });

  test('[MERGE-06] the graph shows who waits for whom, and its longest chain', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, 'A graph');
    const a = await addTask(ticket.id, 'A');
    const b = await addTask(ticket.id, 'B', { depends_on: [a.id] });
    const c = await addTask(ticket.id, 'C', { depends_on: [b.id] });
    const d = await addTask(ticket.id, 'D');
    const found = await api().post<{ discovery: { id: string }; task_id: string }>(`/tasks/${d.id}/discoveries`, {
      type: 'bug',
      description: 'A bug that was seen in passing.',
    });
    for (const path of [
      `/graph/dependency-graph/ticket/${ticket.id}`,
      `/graph/dependency-graph/project/${project_id}`,
      `/projects/${project_id}/graph`,
    ]) {
      const graph = await api().get<{
        nodes: { id: string; kind: string }[];
        edges: { from: string; to: string; kind: string }[];
        critical_path: string[];
      }>(path);
      expect(graph.critical_path).toEqual([a.id, b.id, c.id]);
      expect(graph.nodes.map((node) => node.kind).sort()).toEqual([
        'discovery',
        'task',
        'task',
        'task',
        'task',
        'task',
        'ticket',
      ]);
      expect(graph.edges).toEqual(
        expect.arrayContaining([
          { from: a.id, to: b.id, kind: 'depends_on' },
          { from: b.id, to: c.id, kind: 'depends_on' },
          { from: ticket.id, to: a.id, kind: 'ticket_contains' },
          { from: d.id, to: found.discovery.id, kind: 'spawned_from' },
          { from: found.discovery.id, to: found.task_id, kind: 'spawned_from' },
          { from: d.id, to: found.task_id, kind: 'parent_child' },
        ]),
      );
    }
    expect(await api().get(`/graph/dependency-graph/task/${b.id}/blocked`)).toEqual({ task_id: b.id, blocked: [c.id] });
    expect(await api().get(`/graph/dependency-graph/task/${b.id}/blocking`)).toEqual({
      task_id: b.id,
      blocking: [a.id],
    });
    await api().post(`/tickets/${ticket.id}/cancel`);
  });
});
