import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#tests/support/api.ts';
import { smallProject, TestRepository } from '#tests/support/repository.ts';
import { share } from '#tests/support/share.ts';
import { works } from '#tests/support/work.ts';
import { sandboxesIn } from './leftovers.ts';
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
  for (const [n, delay] of share([0, 10, 25, 50, 100, 200]).entries()) {
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

test('killed while a task that waited is prepared, it starts once, and no slot and no sandbox is left', async () => {
  const { api, stack } = place.own;
  const files = Object.fromEntries(
    ['A', 'B', 'C'].map((name) => [`Link ${name}`, { [`src/${name}.js`]: 'export {};\n' }]),
  );
  const { word, stop } = await place.own.play(works(files));
  const { id: project_id } = await api.post<{ id: string }>('/projects', {
    name: 'small',
    repository: { path: new TestRepository(smallProject).path },
  });
  const { id: ticket_id } = await api.post<{ id: string }>('/tickets', {
    project_id,
    title: `Chain ${word}`,
    description: 'One after the other.',
    workflow_mode: 'spec_driven',
    force_create: true,
  });
  const ids: string[] = [];
  for (const title of Object.keys(files)) {
    const task = { ticket_id, title: `${title} ${word}`, description: `Do it. ${word}`, depends_on: ids.slice(-1) };
    ids.push((await api.post<{ id: string }>('/tasks', task)).id);
  }
  const ends = (id: string) =>
    api.until<{ status: string }>(`/tasks/${id}`, ({ status }) => status === 'completed', 90_000);
  for (const [n, delay] of [30, 150].entries()) {
    await ends(ids[n] as string);
    await sleep(delay);
    stack.kill('application');
    await stack.ready();
  }
  await ends(ids.at(-1) as string);
  const runs = await place.records.rows('SELECT 1 FROM runs WHERE kind = $1 AND task_id = ANY($2::uuid[])', [
    'task',
    ids,
  ]);
  expect(runs).toHaveLength(ids.length);
  await eventually('no slot is held', async () => (await place.records.rows('SELECT 1 FROM agent_slots')).length === 0);
  await eventually('no sandbox is left', () => sandboxesIn(stack.address.dataDir).length === 0);
  await stop();
}, 300_000);
