import { workflowId } from '#workflows/contracts/ids.ts';
import { progressQuery } from '#workflows/contracts/progress.ts';
import { eventually } from '#tests/support/api.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs, works, type TicketRow } from '#tests/support/work.ts';

test('[DEDUP-04] a ticket whose workflow runs is merged: its workflow ends, and the task that waited for it runs after those of the other', async () => {
  const played = await playOnShared(
    works({
      Kept: { 'src/kept.js': 'export const kept = 1;\n' },
      Waits: { 'src/waits.js': 'export const waits = 1;\n' },
    }),
  );
  const { word } = played;
  const { id: project_id } = await newProject();
  const [into, twin, third] = [
    await newTicket(project_id, `Stays ${word}`),
    await newTicket(project_id, `Twin ${word}`),
    await newTicket(project_id, `Third ${word}`),
  ];
  const block = (id: string) => api().post(`/tickets/${id}/block`, { reason: 'Which currency?' });
  await block(into.id);
  await block(twin.id);
  const kept = await addTask(into.id, `Kept ${word}`);
  const dropped = await addTask(twin.id, `Dropped ${word}`);
  const waits = await addTask(third.id, `Waits ${word}`, { depends_on: [dropped.id] });
  const { workflows, close } = await stackServices();
  await eventually('the workflow of the twin waits', async () => {
    const now = await workflows.query(workflowId.ticket(twin.id), progressQuery).catch(() => undefined);
    return now?.waiting_for === 'person';
  });

  const merged = await api().post<TicketRow>(`/tickets/${twin.id}/merge`, { into: into.id });
  expect(merged).toMatchObject({ status: 'cancelled', is_blocked: false, merged_into: into.id });
  await eventually(
    'the workflow of the twin ends',
    async () => !(await workflows.isRunning(workflowId.ticket(twin.id))),
  );
  await close();
  await taskIs(dropped.id, 'cancelled');
  expect(await api().get(`/tasks/${waits.id}`)).toMatchObject({ status: 'pending', depends_on: [kept.id] });

  await api().post(`/tickets/${into.id}/unblock`, {});
  await taskIs(kept.id, 'completed');
  await taskIs(waits.id, 'completed');
  await played.stop();
});
