import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let project_id = '';
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('reasoning');
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());

const call = (method: string, address: string, body?: object) => server.request(method, address, body);
interface Step {
  event_id: string | null;
  type: string;
  title: string;
  evidence: { type: string; link?: string }[];
  decision: { type: string } | null;
}
const chain = async (type: string, id: string, query = '') =>
  (await call('GET', `/reasoning/${type}/${id}${query}`)).body as {
    events: Step[];
    stats: { total: number; by_type: Record<string, number> };
  };

async function newWork(title: string) {
  const shared = { organization_id, project_id, phase_id: 'PHASE_IMPLEMENTATION', priority: 'LOW', title };
  const { ticket } = await server.store.tickets.create({
    ...{ ...shared, user_id: null, status: 'building', description: 'd', workflow_mode: 'quick' },
  });
  const task = await server.store.tasks.create({
    ...{ ...shared, ticket_id: ticket.id, task_type: 'implement_feature', description: 'd' },
  });
  return { ticket, task };
}

test('[MEM-12] nothing is invented for a fresh ticket; a discovery appears, and from its task the chain leads back to it', async () => {
  const { ticket, task } = await newWork('Round the sums');
  expect(await chain('ticket', ticket.id)).toMatchObject({ events: [], stats: { total: 0, by_type: {} } });
  const run = '77777777-7777-4777-8777-777777777777';
  const { task: opened } = await server.store.discoveries.record(
    {
      ...{ organization_id, source_task_id: task.id, source_run_id: run, source_call: `${run}.4.0`, type: 'bug' },
      ...{
        title: 'The sum is wrong',
        description: 'The sum is wrong for negative numbers.',
        blocking: false,
      },
    },
    { caps: { max_depth: 3, per_task: 5, open_per_ticket: 20 } as never, similarity: 0.85 },
  );
  const found = await chain('ticket', ticket.id);
  expect(found.events.map(({ type }) => type)).toEqual(['discovery', 'task_spawned']);
  const back = await chain('task', opened?.id ?? '');
  expect(back.events[0]).toMatchObject({
    ...{ type: 'discovery', title: 'The sum is wrong', decision: { type: 'proceed' } },
    evidence: [{ type: 'output', link: `/runs/${run}?turn=4` }],
  });
  expect(back.stats.by_type).toEqual({ discovery: 1, task_spawned: 1 });

  await server.store.tasks.move(organization_id, task.id, 'claiming');
  await server.store.tasks.move(organization_id, task.id, 'failed', { patch: { error_message: 'It never compiled.' } });
  await call('POST', `/tickets/${ticket.id}/block`, { reason: 'Waits for the bank to answer.' });
  const after = await chain('ticket', ticket.id);
  expect(after.stats.by_type).toMatchObject({ discovery: 1, task_spawned: 1, error: 1 });
  expect((await chain('ticket', ticket.id, '?event_type=error')).events).toMatchObject([
    { description: 'It never compiled.' },
  ]);
  expect((await call('GET', `/reasoning/ticket/${ticket.id}?event_type=mood`)).status).toBe(422);
  expect((await call('GET', `/reasoning/weather/${ticket.id}`)).status).toBe(422);
  expect((await call('GET', `/reasoning/task/${ticket.id}`)).status).toBe(404);
});

test('[MEM-12] a person records a step with its evidence, and deletes it; a link leads nowhere dangerous', async () => {
  const { ticket } = await newWork('Choose a database');
  const add = (more: object = {}) =>
    call('POST', `/reasoning/ticket/${ticket.id}/events`, {
      ...{ type: 'agent_decision', title: 'SQLite it is' },
      evidence: [{ type: 'file', content: 'docs/choice.md', link: `/tickets/${ticket.id}` }],
      decision: { type: 'implement', action: 'use SQLite', reasoning: 'It needs no server.' },
      ...more,
    });
  const { body: step } = await add();
  expect(step).toMatchObject({ agent: 'owner@example.test', decision: { type: 'implement' } });
  expect((await chain('ticket', ticket.id)).events).toMatchObject([{ event_id: step.event_id }]);
  expect((await call('GET', `/reasoning/events/${step.event_id}`)).body).toMatchObject({ title: 'SQLite it is' });
  for (const link of ['javascript:alert(1)', '//elsewhere.example', 'data:text/html,x'])
    expect((await add({ evidence: [{ type: 'file', content: 'x', link }] })).status).toBe(422);
  expect((await add({ type: 'mood' })).status).toBe(422);
  expect((await call('DELETE', `/reasoning/events/${step.event_id}`)).status).toBe(204);
  expect((await call('DELETE', `/reasoning/events/${step.event_id}`)).status).toBe(404);
  expect((await chain('ticket', ticket.id)).events).toEqual([]);
  expect((await call('GET', '/reasoning/types')).body.event_types).toHaveLength(7);
});
