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

test('[EXEC-01] titles are asked for many tasks at once; the answer names those that are skipped, and a repeated request is paid once', async () => {
  const { word, stop } = await playOnShared((request) => {
    if (request.context.kind !== 'title') return answerValue(request) ?? { hang: true };
    return { tools: [{ name: 'give_title', input: { title: `Better ${word}` } }] };
  });
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Many titles ${word}`);
  const ids: string[] = [];
  for (const name of ['first', 'second'])
    ids.push((await addTask(ticket.id, `The ${name} ${word}`, { description: `Do the ${name} for ${word}.` })).id);
  const nowhere = '01890000-0000-7000-8000-000000000000';
  const ask = (task_ids: string[]) =>
    api().request('POST', '/tasks/generate-titles', { project_id, task_ids }, { 'idempotency-key': `many ${word}` });
  // A task of another project is none of this one.
  const other = await newTicket((await newProject()).id, `Elsewhere ${word}`);
  const elsewhere = (await addTask(other.id, `Elsewhere ${word}`, { description: 'Wait.' })).id;
  const sent = [...ids, nowhere, elsewhere, ids[0] ?? ''];
  for (const _time of [1, 2]) {
    const { status, body } = await ask(sent);
    expect(status).toBe(202);
    expect((body as { begun: string[] }).begun.toSorted()).toEqual(ids.toSorted());
    const reason = expect.stringContaining('no such task');
    expect(body).toMatchObject({
      skipped: [
        { task_id: nowhere, reason },
        { task_id: elsewhere, reason },
      ],
    });
  }
  for (const id of ids) {
    await api().until<{ title: string }>(`/tasks/${id}`, ({ title }) => title === `Better ${word}`);
    const records = await api().all<{ kind: string }>(`/costs/records?task_id=${id}`);
    expect(records.filter(({ kind }) => kind === 'title')).toHaveLength(1);
  }
  expect((await api().request('POST', '/tasks/generate-titles', { project_id, task_ids: [] })).status).toBe(422);
  await api().post(`/tickets/${other.id}/cancel`);
  await api().post(`/tickets/${ticket.id}/cancel`);
  await stop();
});
