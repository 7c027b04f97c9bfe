import { completeTask } from '#server/contracts/validation.ts';
import { listTasks } from '#server/contracts/tasks.ts';
import { fixTicket } from '#server/contracts/gates.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { finishTask } from '#tests/support/scripts.ts';
import { addTask, newTicket, taskIs, works, type TaskRow, type TicketRow } from '#tests/support/work.ts';

const fails = async (id: string, error_message: string, attempt = 1) => {
  const running = await api().until(
    `/tasks/${id}`,
    (row: TaskRow) => row.status === 'running' && row.attempt === attempt,
    60_000,
  );
  await api().call(completeTask, {
    params: { id: running.run_id ?? '' },
    body: { task_id: id, success: false, error_message },
  });
};

test('[EXEC-39] a task that failed is fixed and checked again by itself; the spent budget asks a person, who lets a task fix it', async () => {
  let holds = true;
  const played = await playOnShared((request) =>
    request.context.title?.startsWith('Check again:') && request.context.kind === 'task'
      ? holds
        ? { hang: true }
        : finishTask({ ...request, step: request.step + 1 }, {})
      : works({ 'Fix:': { [holds ? 'src/fixed.js' : 'src/again.js']: 'export {};\n' } })(request),
  );
  const { id: project_id } = await newProject();
  await api().request('PATCH', `/projects/${project_id}`, { settings: { fix_rounds: 1 } });
  const ticket = await newTicket(project_id, `Cart ${played.word}`);
  const first = await addTask(ticket.id, `Cart ${played.word}`, { max_retries: 0 });
  await fails(first.id, 'The cart loses its items.');

  expect((await taskIs(first.id, 'cancelled')).error_message).toContain('loses its items');
  const tasks = () => api().list(listTasks, { query: { ticket_id: ticket.id } });
  const [recheck, fix] = await tasks();
  expect(fix).toMatchObject({ priority: 'HIGH', parent_task_id: first.id, title: expect.stringMatching(/^Fix: /) });
  await taskIs(fix?.id ?? '', 'completed');
  // The check fails again: the one round that begins by itself is spent.
  for (const attempt of [1, 2]) await fails(recheck?.id ?? '', 'It still loses them.', attempt);
  await api().until<TicketRow>(`/tickets/${ticket.id}`, (row) => row.last_error?.includes('fix_rounds') ?? false);
  expect(await tasks()).toHaveLength(3);

  holds = false;
  const round = await api().call(fixTicket, { params: { id: ticket.id }, body: {} });
  await taskIs(round.fix.id, 'completed');
  await taskIs(round.recheck.id, 'completed');
  await api().until<{ items: unknown[] }>(`/pull-requests?ticket_id=${ticket.id}`, (page) => page.items.length === 1);
  await played.stop();
}, 90_000);
