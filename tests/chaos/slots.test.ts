import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#tests/support/api.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { works } from '#tests/support/work.ts';
import { ownStackWithRecords } from './own-records.ts';

const place = ownStackWithRecords({ OMOIOS_QUEUE_HOLDER_CHECK: '3600' });

test('[BILL-18] killed while a slot passes from one project to another, the other has it once, and no project has two', async () => {
  const { api, stack } = place.own;
  const { word, stop } = await place.own.play(works({}));
  const project = async () =>
    await api.post<{ id: string; organization_id: string }>('/projects', {
      name: 'small',
      repository: { path: new TestRepository().path },
    });
  const [one, two] = [await project(), await project()];
  await api.ok('PATCH', `/organizations/${one.organization_id}`, { max_concurrent_agents: 1 });
  const ask = (project_id: string) =>
    api.post<{ id: string; task_id: string }>('/tickets', {
      project_id,
      title: `Works on ${word}`,
      description: 'Works on and on.',
      workflow_mode: 'quick',
      force_create: true,
    });
  const held = () =>
    place.records.rows<{ task_id: string }>('SELECT task_id FROM agent_slots WHERE held_since IS NOT NULL');
  const runs = (task: string) =>
    api.until<{ status: string }>(`/tasks/${task}`, (row) => row.status === 'running', 60_000);

  let holder = await ask(one.id);
  await runs(holder.task_id);
  for (const [n, delay] of [0, 10, 25, 50, 100, 200].entries()) {
    const next = await ask(n % 2 === 0 ? two.id : one.id);
    await eventually(
      'it waits for the organization',
      async () =>
        (await place.records.rows('SELECT 1 FROM agent_slots WHERE task_id = $1', [next.task_id])).length === 1,
    );
    await api.post(`/tickets/${holder.id}/cancel`);
    await sleep(delay);
    stack.kill('application');
    await stack.ready();
    await runs(next.task_id);
    expect(await held()).toEqual([{ task_id: next.task_id }]);
    // A supervisor gives up on what dies five times within a minute; a fresh one takes over and begins to count.
    if (n === 2) {
      stack.kill('supervisor');
      await stack.launch();
    }
    holder = next;
  }
  await api.post(`/tickets/${holder.id}/cancel`);
  await eventually('no slot is held', async () => (await held()).length === 0);
  await stop();
}, 300_000);
