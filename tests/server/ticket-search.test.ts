import { AgentPlace } from '#tests/support/agent-place.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('ticket-search');
});
afterAll(() => place.close());

const ticket = async (title: string, description: string) =>
  (
    await place.call('POST', '/tickets', {
      ...{ project_id: place.project_id, title, description, workflow_mode: 'spec_driven', force_create: true },
    })
  ).body.id as string;

test('[MCP-09] tickets are found by what they say, by all their words, or by both, the best first', async () => {
  const csv = await ticket('Export tasks as CSV', 'A button on the board downloads all tasks of a project.');
  const mail = await ticket('Mail the report', 'Each morning the report of the night is mailed.');
  const search = async (query: string, more = '') =>
    (
      await place.call(
        'GET',
        `/tickets/search?project_id=${place.project_id}&query=${encodeURIComponent(query)}${more}`,
      )
    ).body;
  const idsOf = ({ results }: { results: { ticket: { id: string } }[] }) => results.map(({ ticket: { id } }) => id);
  expect(idsOf(await search('downloading tasks', '&search_mode=keyword'))).toEqual([csv]);
  expect(idsOf(await search('downloading nothing', '&search_mode=keyword'))).toEqual([]);
  const semantic = await search('Export the tasks as a CSV', '&search_mode=semantic');
  expect(semantic.results[0]).toMatchObject({ ticket: { id: csv }, similarity: expect.any(Number) });
  const hybrid = await search('report of the night');
  expect(hybrid.results[0]).toMatchObject({ ticket: { id: mail, title: 'Mail the report' } });
  expect(idsOf(await search('report', '&search_mode=keyword&status=done'))).toEqual([]);
  expect((await place.call('GET', '/tickets/search?query=ab')).status).toBe(422);
});

test('[MCP-09] the tasks of a ticket wait until the tickets before it have ended, and never in a circle', async () => {
  const [a, b] = [await ticket('First', 'It comes first.'), await ticket('Second', 'It comes second.')];
  const { organization_id } = place;
  const { store } = place.server;
  const task = await store.tasks.create({
    ...{
      organization_id,
      project_id: place.project_id,
      ticket_id: b,
      phase_id: 'PHASE_IMPLEMENTATION',
      title: 'Do it',
    },
    ...{ task_type: 'implement_feature', priority: 'LOW', description: 'It is done once.' },
  });
  const held = () => store.slots.holdBack(organization_id, { taskIds: [task.id], holders: [] }, 0);
  const add = (id: string, depends_on: string) => place.call('POST', `/tickets/${id}/dependencies`, { depends_on });
  const remove = (id: string, other: string) => place.call('DELETE', `/tickets/${id}/dependencies/${other}`);
  expect(await held()).toEqual([]);
  expect((await add(b, a)).body).toMatchObject({ blocked_by: [a] });
  expect((await add(b, a)).body).toMatchObject({ blocked_by: [a] });
  expect(await held()).toMatchObject([
    { waiting_for: 'task', reason: expect.stringMatching(/^It starts when \S+ has ended\.$/) },
  ]);
  expect(await add(a, b)).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('wait for each other') },
  });
  expect((await add(a, a)).status).toBe(400);
  expect((await place.call('GET', `/tickets/${a}`)).body.blocked_by).toEqual([]);
  await place.call('POST', `/tickets/${a}/cancel`, {});
  expect(await held()).toEqual([]);
  expect((await remove(b, a)).body).toMatchObject({ blocked_by: [] });
});
