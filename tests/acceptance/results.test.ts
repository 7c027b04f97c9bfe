import type { Answer } from '#server/contracts/client.ts';
import type { reportResults, taskResults } from '#server/contracts/results.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket } from '#tests/support/work.ts';

test('[EXEC-42] results of a task and of a ticket are reported, judged once by a person, and have at most 100 KB', async () => {
  const model = await playOnShared(() => ({ hang: true }));
  const { id: project_id } = await newProject();
  const { id: workflow_id } = await newTicket(project_id, `Results ${model.word}`);
  const { id: task_id } = await addTask(workflow_id, `Slow ${model.word}`);
  const post = <T>(path: string, body: object) => api().post<T>(path, body);
  const refusal = (path: string, body: object) => api().request('POST', path, body);
  const markdown_content = 'x'.repeat(102_400);

  const first = await post<Answer<typeof reportResults>>('/report_results', { task_id, markdown_content });
  expect(first).toMatchObject({
    status: 'unverified',
    task_id,
    ticket_id: workflow_id,
    submitted_by: 'owner@omoios.local',
  });
  expect(await refusal('/report_results', { task_id, markdown_content: `${markdown_content}é` })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'markdown_content' }] },
  });
  const second = await post<Answer<typeof reportResults>>('/report_results', { task_id, markdown_content: '# Two' });
  expect(await post(`/results/${first.id}/verify`, { status: 'verified' })).toMatchObject({ status: 'verified' });
  expect(await post(`/results/${first.id}/verify`, { status: 'verified' })).toMatchObject({ status: 'verified' });
  expect(await refusal(`/results/${first.id}/verify`, { status: 'disputed' })).toMatchObject({ status: 409 });
  expect(await post(`/results/${second.id}/verify`, { status: 'disputed', feedback: 'Half of it.' })).toMatchObject({
    status: 'disputed',
    judged_by: 'owner@omoios.local',
    feedback: 'Half of it.',
  });
  const { items } = await api().get<Answer<typeof taskResults>>(`/tasks/${task_id}/results`);
  expect(items.map(({ id, status }) => [id, status])).toEqual([
    [second.id, 'disputed'],
    [first.id, 'verified'],
  ]);

  const whole = await post<Answer<typeof reportResults>>('/submit_result', { workflow_id, markdown_content: '# All' });
  expect(whole).toMatchObject({ status: 'pending_validation', task_id: null });
  expect(await refusal(`/results/${whole.id}/verify`, { status: 'verified' })).toMatchObject({ status: 400 });
  expect(await refusal('/submit_result_validation', { result_id: whole.id, passed: false })).toMatchObject({
    status: 422,
  });
  expect(
    await post('/submit_result_validation', { result_id: whole.id, passed: false, feedback: 'Not yet.' }),
  ).toMatchObject({ status: 'rejected', feedback: 'Not yet.' });
  const shown = await api().get<Answer<typeof taskResults>>(`/workflows/${workflow_id}/results`);
  expect(shown.items.map(({ id }) => id)).toEqual([whole.id]);
  await api().post(`/tickets/${workflow_id}/cancel`, {});
});
