import { setTimeout as sleep } from 'node:timers/promises';
import { getQueue } from '#server/contracts/projects.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { requestSignal } from '#workflows/contracts/work.ts';
import { eventually } from '#tests/support/api.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { addTask, newTicket, task, taskIs, works, type TaskRow } from '#tests/support/work.ts';

describe("a project's queue", () => {
  test('[EXEC-04] [EXEC-13] of seven that are ready five start, each in one run; a person starts a sixth at once, not a seventh', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Seven ${played.word}`);
    const tasks = await Promise.all(
      Array.from({ length: 7 }, (_, n) => addTask(ticket.id, `Number ${n} ${played.word}`)),
    );
    const all = () => api().all<TaskRow>(`/tasks?ticket_id=${ticket.id}`);
    const status = (rows: TaskRow[], ...states: string[]) => rows.filter((row) => states.includes(row.status));
    await eventually('five of them run', async () => status(await all(), 'running').length === 5);

    // Their workflows ask again, less urgently than the two that wait: a slot in use is not given away.
    const first = await all();
    const running = status(first, 'running').map((row) => row.id);
    const temporal = await temporalClient();
    const queue = temporal.client.workflow.getHandle(workflowId.projectQueue(project_id));
    for (const row of first)
      await queue.signal(requestSignal, {
        task_id: row.id,
        ticket_id: ticket.id,
        priority: row.status === 'running' ? 'LOW' : 'CRITICAL',
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
    expect(rows).toHaveLength(7);
    expect(
      status(rows, 'running')
        .map((row) => row.id)
        .sort(),
    ).toEqual([...running].sort());
    expect(status(rows, 'pending')).toHaveLength(2);
    const runs = await api().list(listRuns, { query: { ticket_id: ticket.id } });
    expect(runs.map((run) => run.task_id).sort()).toEqual([...running].sort());
    const queueView = () => api().call(getQueue, { params: { id: project_id } });
    // A task that asks again is among those that wait until its slot is found.
    await eventually('each slot is found again', async () => (await queueView()).active.length === 5);
    const view = await queueView();
    expect(view.limit).toBe(5);
    expect(view.active.map((entry) => entry.task_id).sort()).toEqual([...running].sort());
    expect(view.waiting).toHaveLength(2);

    // A person starts one of the two that wait, and no second one.
    const [sixth, seventh] = view.waiting.map((entry) => entry.task_id);
    const bump = (id = '') => api().request('POST', `/tasks/${id}/bump`);
    expect((await bump(sixth)).status).toBe(202);
    await taskIs(sixth ?? '', 'running');
    expect(await bump(seventh)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('6 tasks already, one more than its limit of 5') },
    });
    expect((await bump(sixth)).status).toBe(409);
    expect((await task(sixth ?? '')).execution_config).toMatchObject({ bumped: { by: 'owner@omoios.local' } });
    expect(status(await all(), 'running')).toHaveLength(6);

    // One task ends: the project is at its limit again.
    const ended = status(rows, 'running')[0] as TaskRow;
    await api().post(`/tasks/${ended.id}/cancel`);
    await eventually(
      'a sixth runs',
      async () => status(await all(), 'running').length === 5 && (await task(ended.id)).status === 'cancelled',
    );

    // Without autonomous execution only a ticket that a person starts runs.
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
});
