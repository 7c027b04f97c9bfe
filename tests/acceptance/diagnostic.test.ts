import { completeTask } from '#server/contracts/validation.ts';
import type { listDiagnostics } from '#server/contracts/diagnostic.ts';
import type { Item } from '#server/contracts/client.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs, works, type TaskRow, type TicketRow } from '#tests/support/work.ts';

type Run = Item<typeof listDiagnostics>;

const recommended = 'Write the file that the cart reads.';

/** The work hangs until it is failed from outside; a recovery writes what is missing. */
function recovers(request: Played, word: string): Reply {
  const { kind, title } = request.context;
  if (kind === 'diagnostic')
    return {
      tools: [
        call('explain_standstill', {
          cause: title?.startsWith('Money') ? 'money' : 'code',
          root_cause: `The cart of ${word} reads a file that nobody wrote.`,
          hypotheses: [
            { statement: 'Nobody wrote it.', likelihood: 0.9, supporting_evidence: ['ENOENT'], counterpoints: [] },
          ],
          recommendations: [{ description: `${recommended} ${word}`, priority: 'CRITICAL', estimated_effort: 'S' }],
          confidence: 0.9,
        }),
      ],
    };
  if (kind === 'task' && !title?.startsWith('Recover:')) return { hang: true };
  return works({ 'Recover:': { 'src/cart.js': 'export {};\n' } })(request) as Reply;
}

const fails = async (id: string, error_message: string) => {
  const running = await api().until(`/tasks/${id}`, (row: TaskRow) => row.status === 'running', 60_000);
  await api().call(completeTask, {
    params: { id: running.run_id ?? '' },
    body: { task_id: id, success: false, error_message },
  });
};
const diagnosed = (ticket: string, count: number) =>
  api().until<{ items: Run[] }>(
    `/diagnostic/runs?ticket_id=${ticket}`,
    ({ items }) => items.length === count && items.every(({ status }) => status !== 'running'),
    60_000,
  );

test('[DISC-09] [EXEC-38] what fails for good is diagnosed once, and one task takes its place; where more work cannot help a person is asked', async () => {
  const played = await playOnShared(recovers);
  const { id: project_id } = await newProject(api(), undefined, { validation: 'none', diagnostics: true });
  const ticket = await newTicket(project_id, `Cart ${played.word}`);
  const first = await addTask(ticket.id, `Cart ${played.word}`, { max_retries: 0, priority: 'LOW' });
  await fails(first.id, 'ENOENT: cart.json');
  const { items } = await diagnosed(ticket.id, 1);
  expect(items[0]).toMatchObject({
    ...{ trigger: 'task_failed', task_id: first.id, status: 'completed', reason: null },
    diagnosis: { cause: 'code', confidence: 0.9, root_cause: expect.stringContaining('nobody wrote') },
  });
  const [recovery = ''] = items[0]?.tasks_created_ids ?? [];
  expect(items[0]?.tasks_created_ids).toHaveLength(1);
  const done = await taskIs(recovery, 'completed');
  expect(done).toMatchObject({ priority: 'CRITICAL', title: expect.stringMatching(/^Recover: Write the file/) });
  expect((await taskIs(first.id, 'cancelled')).error_message).toContain('ENOENT');
  await api().until<{ items: unknown[] }>(`/pull-requests?ticket_id=${ticket.id}`, (page) => page.items.length === 1);
  expect((await api().get<{ total: number }>(`/tickets/${ticket.id}/discovery-health`)).total).toBe(1);

  // No agent has the means to remove this cause.
  const other = await newTicket(project_id, `Money ${played.word}`);
  const second = await addTask(other.id, `Money ${played.word}`, { max_retries: 0 });
  await fails(second.id, 'The card was refused.');
  const [waits] = (await diagnosed(other.id, 1)).items;
  expect(waits).toMatchObject({ status: 'completed', tasks_created_ids: [], reason: expect.stringContaining('money') });
  await api().until<TicketRow>(`/tickets/${other.id}`, (row) => row.needs_review);
  // A person may ask again: the answer is another diagnosis.
  const asked = await api().post<{ diagnostic_run_id: string }>(`/diagnostic/trigger/${other.id}`, {});
  expect((await diagnosed(other.id, 2)).items[0]).toMatchObject({ id: asked.diagnostic_run_id, trigger: 'person' });
  await api().post(`/tickets/${other.id}/cancel`);
  await played.stop();
}, 120_000);
