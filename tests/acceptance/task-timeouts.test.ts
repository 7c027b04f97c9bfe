import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs, works, type TaskRow } from '#tests/support/work.ts';

interface Time {
  timeout_seconds: number | null;
  elapsed_seconds: number;
  time_remaining: number | null;
  is_timed_out: boolean;
  can_cancel: boolean;
}

test('[EXEC-07] [API-03] a limit of time that is set while a task runs ends it, and lists show what ran out', async () => {
  const played = await playOnShared(works({}));
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Limited ${played.word}`);
  const { id } = await addTask(ticket.id, `Hangs ${played.word}`, { max_retries: 0 });
  const time = () => api().get<Time>(`/tasks/${id}/timeout-status`);
  const keys = async (list: string) =>
    (await api().all<TaskRow>(`/tasks/${list}?project_id=${project_id}`)).map((row) => row.id);
  await taskIs(id, 'running');
  expect(await time()).toMatchObject({ timeout_seconds: null, is_timed_out: false, can_cancel: true });
  expect(await keys('cancellable')).toEqual([id]);
  expect(await keys('timed-out')).toEqual([]);
  for (const timeout_seconds of [0, -1, 1.5])
    expect((await api().request('POST', `/tasks/${id}/set-timeout`, { timeout_seconds })).status).toBe(422);
  expect((await time()).timeout_seconds).toBeNull();
  await api().post(`/tasks/${id}/set-timeout`, { timeout_seconds: 5 });
  const failed = await taskIs(id, 'failed');
  expect(await api().get(`/runs/${failed.run_id}`)).toMatchObject({ stop_reason: 'max_duration_reached' });
  expect(await time()).toMatchObject({ timeout_seconds: 5, is_timed_out: true, time_remaining: 0 });
  expect(await keys('timed-out')).toEqual([id]);
  await api().post(`/tasks/${id}/cancel`);
  await taskIs(id, 'cancelled');
  expect(await keys('cancellable')).toEqual([]);
  expect((await api().request('POST', `/tasks/${id}/set-timeout`, { timeout_seconds: 5 })).status).toBe(400);
  await played.stop();
});
