import type { Answer } from '#server/contracts/client.ts';
import type { applyPattern, createSync, getSync, joinTasks, splitTask } from '#server/contracts/coordination.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { finishTask } from '#tests/support/scripts.ts';
import { addTask, newTicket, task, taskIs, works } from '#tests/support/work.ts';

const post = <T>(name: string, body: object) => api().post<T>(`/coordination/${name}`, body);
const refusal = (name: string, body: object) => api().request('POST', `/coordination/${name}`, body);
const part = (title: string) => ({ title, description: `Do it: ${title}.` });

/** Tasks do their work by their titles. `Slow` ones wait for ever. */
const usefulWork = works({
  One: { 'src/one.js': 'export const one = 1;\n' },
  Two: { 'src/two.js': 'export const two = 2;\n' },
  Then: { 'src/then.js': 'export const then = 3;\n' },
});

test('[MERGE-01] [MERGE-04] a task starts once two of three are done, with their results, and says when they take too long', async () => {
  const model = await playOnShared(usefulWork);
  const { id: project_id } = await newProject();
  const { id: ticket_id } = await newTicket(project_id, `Coordinated ${model.word}`);
  const sources = [];
  for (const title of ['One', 'Two', 'Slow']) sources.push((await addTask(ticket_id, `${title} ${model.word}`)).id);
  const body = { ticket_id, task_ids: sources, continuation: part(`Then ${model.word}`) };
  expect(await refusal('sync', { ...body, required_count: 4 })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'required_count' }] },
  });
  expect(await refusal('sync', { ...body, task_ids: [sources[0], sources[0]] })).toMatchObject({ status: 422 });

  const late = await post<Answer<typeof createSync>>('sync', { ...body, timeout_seconds: 1 });
  const sync = await post<Answer<typeof createSync>>('sync', {
    ...body,
    continuation: part(`Then too ${model.word}`),
    required_count: 2,
    merge_strategy: 'union',
  });
  expect(sync).toMatchObject({
    required_count: 2,
    deadline_at: null,
    task: { depends_on: sources, status: 'pending' },
  });
  await taskIs(sync.sync_id, 'completed');
  expect(await api().get<Answer<typeof getSync>>(`/coordination/sync/${sync.sync_id}`)).toMatchObject({
    state: 'ready',
    completed_task_ids: expect.arrayContaining(sources.slice(0, 2)),
  });
  const { synthesis_context: merged } = await task(sync.sync_id);
  expect(merged).toEqual({ summary: expect.any(String) });

  // The one that needs all three says what it waits for.
  expect(await api().get(`/coordination/sync/${late.sync_id}`)).toMatchObject({ state: 'overdue' });
  await api().until<{ needs_review: boolean; last_error: string | null }>(
    `/tickets/${ticket_id}`,
    (ticket) => ticket.needs_review && /waited too long: 2 of 3 tasks/.test(ticket.last_error ?? ''),
    30_000,
  );
  expect((await task(late.sync_id)).status).toBe('pending');
  const { items } = await api().get<{ items: { type: string }[] }>(
    `/events?types=coordination.sync.created,coordination.sync.ready&entity_ids=${sync.sync_id}`,
  );
  expect(items.map(({ type }) => type)).toEqual(['coordination.sync.created', 'coordination.sync.ready']);
  // With the slow task given up, the rest of the ticket can end.
  for (const id of [late.sync_id, sources[2]]) await api().post(`/tasks/${id}/cancel`, {});
  await api().until<{ items: unknown[] }>(
    `/pull-requests?ticket_id=${ticket_id}`,
    ({ items: pulls }) => pulls.length === 1,
    60_000,
  );
}, 240_000);

test('[MERGE-02] [MERGE-05] tasks are split off a task, joined, and added by a pattern', async () => {
  const model = await playOnShared((request) =>
    request.context.kind === 'task' && request.context.title?.includes('Follow')
      ? finishTask(request, { 'src/followed.js': 'export const followed = true;\n' })
      : { hang: true },
  );
  const { id: project_id } = await newProject();
  const { id: ticket_id } = await newTicket(project_id, `Patterns ${model.word}`);
  const source = await addTask(ticket_id, `Slow ${model.word}`, { priority: 'LOW', phase_id: 'PHASE_TESTING' });
  const split = await post<Answer<typeof splitTask>>('split', {
    source_task_id: source.id,
    tasks: [part('A'), part('B')],
  });
  expect(split.tasks).toHaveLength(2);
  for (const one of split.tasks)
    expect(one).toMatchObject({
      ticket_id,
      depends_on: [source.id],
      priority: 'LOW',
      phase_id: 'PHASE_TESTING',
      status: 'pending',
    });
  const nobody = '33333333-3333-4333-8333-333333333333';
  expect(await refusal('split', { source_task_id: nobody, tasks: [part('A')] })).toMatchObject({ status: 404 });

  const join = await post<Answer<typeof joinTasks>>('join', {
    ticket_id,
    source_task_ids: split.tasks.map(({ id }) => id),
    continuation: part('C'),
    merge_strategy: 'intersection',
  });
  expect(join.task).toMatchObject({
    depends_on: join.source_task_ids,
    merge_strategy: 'intersection',
    required_count: null,
  });
  expect(await api().request('GET', `/coordination/sync/${join.join_id}`)).toMatchObject({ status: 404 });
  expect(
    await refusal('join', { ticket_id, source_task_ids: [nobody, source.id], continuation: part('D') }),
  ).toMatchObject({ status: 400 });

  const vote = await post<Answer<typeof applyPattern>>('patterns/majority_vote', {
    ticket_id,
    ...part('Which parser?'),
  });
  expect(
    vote.tasks.map(({ task_type, depends_on, required_count }) => [task_type, depends_on.length, required_count]),
  ).toEqual([
    ['research', 0, null],
    ['research', 0, null],
    ['research', 0, null],
    ['implementation', 3, 2],
  ]);
  const review = await post<Answer<typeof applyPattern>>('patterns/review_feedback_loop', {
    ticket_id,
    ...part('A parser'),
  });
  expect(review.tasks.map(({ depends_on }) => depends_on.length)).toEqual([0, 1, 2]);
  const parallel = await post<Answer<typeof applyPattern>>('patterns/parallel_implementation', {
    ticket_id,
    ...part('All'),
    parts: [part('One'), part('Two')],
  });
  expect(parallel.tasks.at(-1)).toMatchObject({ depends_on: parallel.tasks.slice(0, 2).map(({ id }) => id) });
  expect(Date.parse(parallel.tasks.at(-1)?.sync_deadline_at ?? '')).toBeGreaterThan(Date.now() + 7_000_000);
  expect(await refusal('patterns/parallel_implementation', { ticket_id, ...part('All') })).toMatchObject({
    status: 422,
  });
  expect(await refusal('patterns/quorum', { ticket_id, ...part('All') })).toMatchObject({
    status: 404,
    body: { message: expect.stringContaining('majority_vote') },
  });
  await api().post(`/tickets/${ticket_id}/cancel`, {});
}, 120_000);
