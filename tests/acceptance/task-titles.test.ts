import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { addTask, newTicket, task } from '#tests/support/work.ts';

interface Happened {
  type: string;
  data: Record<string, unknown>;
}

test('[EXEC-01] a model gives a task another title when a person asks, paid once for each request', async () => {
  let title = 'Double a number';
  const { word, stop } = await playOnShared((request) => {
    if (request.context.kind !== 'title') return answerValue(request) ?? { hang: true };
    return { tools: [{ name: 'give_title', input: { title } }] };
  });
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Titles ${word}`);
  const { id } = await addTask(ticket.id, `Task ${word}`, { description: `Double a number for ${word}.` });
  const ask = (key: string) => api().request('POST', `/tasks/${id}/generate-title`, {}, { 'idempotency-key': key });
  const happened = async (type: string, n: number) => {
    const page = await api().until<{ items: Happened[] }>(
      `/events?entity_ids=${id}`,
      ({ items }) => items.filter((event) => event.type === type).length >= n,
    );
    return page.items.filter((event) => event.type === type).map(({ data }) => data);
  };
  const paid = async () =>
    (await api().all<{ kind: string; key: string }>(`/costs/records?task_id=${id}`)).filter(
      ({ kind }) => kind === 'title',
    );

  const key = `first ${word}`;
  expect((await ask(key)).status).toBe(202);
  expect(await happened('task.renamed', 1)).toMatchObject([{ title, old_title: `Task ${word}` }]);
  expect((await ask(key)).status).toBe(202);
  expect(await task(id)).toMatchObject({ title });
  expect(await paid()).toHaveLength(1);

  // Another request, for which the model has nothing new; a person renames the task by themselves.
  expect((await ask(`second ${word}`)).status).toBe(202);
  expect(await happened('task.title_kept', 1)).toMatchObject([
    { reason: expect.stringContaining('title that it has') },
  ]);
  expect(await paid()).toHaveLength(2);
  await api().request('PATCH', `/tasks/${id}`, { title: 'Twice as much' });
  expect(await happened('task.renamed', 2)).toHaveLength(2);

  title = '';
  expect((await ask(`third ${word}`)).status).toBe(202);
  expect(await happened('task.title_kept', 2)).toHaveLength(2);
  expect(await task(id)).toMatchObject({ title: 'Twice as much' });
  await api().post(`/tickets/${ticket.id}/cancel`);
  await stop();
});
