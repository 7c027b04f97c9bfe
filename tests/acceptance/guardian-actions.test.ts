import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { addTask, newTicket, task, taskIs } from '#tests/support/work.ts';

interface Action {
  id: string;
  after: { replaced_by?: string };
}

test('[WATCH-12] a cancelled task stops its run, and taken back, a new task carries its work to the end, and what waited for it follows while its neighbour still works', async () => {
  let hangs = true;
  const played = await playOnShared((request) => {
    const value = answerValue(request);
    if (value) return value;
    if (request.context.kind === 'validation') return reviewPasses(request);
    return hangs
      ? { hang: true }
      : // A file of its own for each: a task that changes nothing fails.
        finishTask(request, { [`src/${request.context.title?.split(' ')[0]}.js`]: 'export const crane = 1;\n' });
  });
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Fold ${played.word}`);
  const { id } = await addTask(ticket.id, `Fold ${played.word}`);
  const waits = await addTask(ticket.id, `After ${played.word}`, { depends_on: [id] });
  const beside = await addTask(ticket.id, `Beside ${played.word}`);
  const { run_id } = await taskIs(id, 'running');
  await taskIs(beside.id, 'running');
  const reason = 'It stands in the way.';

  await api().post('/guardian/intervention/override-priority', { task_id: id, priority: 'CRITICAL', reason });
  expect((await task(id)).priority).toBe('CRITICAL');
  const action = await api().post<Action>('/guardian/intervention/cancel-task', { task_id: id, reason });
  await taskIs(id, 'cancelled');
  await api().until<{ status: string }>(`/runs/${run_id}`, ({ status }) => status === 'cancelled');

  hangs = false;
  const { after } = await api().post<Action>(`/guardian/actions/${action.id}/revert`);
  const done = await taskIs(after.replaced_by ?? '', 'completed');
  expect(done).toMatchObject({ title: `Fold ${played.word}`, priority: 'CRITICAL', parent_task_id: id });
  expect((await task(waits.id)).depends_on).toEqual([after.replaced_by]);
  await taskIs(waits.id, 'completed');
  // The model never answers it.
  expect((await task(beside.id)).status).toBe('running');
  await played.stop();
});
