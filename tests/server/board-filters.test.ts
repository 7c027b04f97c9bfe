import { randomUUID } from 'node:crypto';
import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start('board-filters');
});
afterAll(() => server.close());

test('[WEB-14] the board of a project shows only tickets of one way of work where a person wants that', async () => {
  const { id: project_id } = server.place.project;
  const get = async (address: string) => (await server.request('GET', address)).body;
  const words = { title: 'Planned', description: 'By a plan.', workflow_mode: 'spec_driven' };
  await server.request('POST', '/tickets', { project_id, ...words });
  const totals = async (mode: string) => {
    const query = `project_id=${project_id}&workflow_mode=${mode}`;
    const [board, list] = [await get(`/board/view?${query}`), await get(`/tickets?${query}`)];
    return [board.total, board.columns.flatMap(({ items }: { items: object[] }) => items).length, list.items.length];
  };
  expect(await totals('spec_driven')).toEqual([1, 1, 1]);
  expect(await totals('quick')).toEqual([0, 0, 0]);
  expect((await server.request('GET', `/board/view?project_id=${project_id}&workflow_mode=none`)).status).toBe(422);
});

test('[WEB-14] a card shows the pull request of its ticket, or of its spec', async () => {
  const { organization, project, owner } = server.place;
  const { store } = server;
  const place = { organization_id: organization.id, project_id: project.id };
  const spec = await store.specs.create({
    ...{ ...place, id: randomUUID(), user_id: null, title: 'Export', description: 'As CSV.', status: 'executing' },
    ...{ gate_policy: { mode: 'auto', score: null, phases: [], timeout_seconds: null }, content_hash: randomUUID() },
    plan: { version: 1, phases: [] },
  });
  const ticket = async (title: string, spec_id: string | null) =>
    (
      await store.tickets.create({
        ...{ ...place, user_id: owner.id, phase_id: 'PHASE_IMPLEMENTATION', status: 'building', spec_id },
        ...{ title, description: 'Once.', priority: 'LOW', workflow_mode: 'quick' },
      })
    ).ticket;
  const [alone, planned, none] = [
    await ticket('Alone', null),
    await ticket('Planned', spec.id),
    await ticket('None', null),
  ];
  const open = (of: { ticket_id: string } | { spec_id: string }, key: string) =>
    store.pullRequests.open(
      {
        ...{
          ...place,
          ...of,
          business_key: key,
          title: key,
          body: 'b',
          branch: key,
          base: 'main',
          base_sha: 'a'.repeat(40),
        },
        ...{ head_sha: 'b'.repeat(40), provider: 'local', checks: [] },
      },
      { url: (number) => `http://localhost/${number}` },
    );
  const first = await open({ ticket_id: alone.id }, `ticket:${alone.id}`);
  const second = await open({ spec_id: spec.id }, `spec:${spec.id}`);
  await store.pullRequests.markMerged(organization.id, first.id, { sha: 'c'.repeat(40), by: 'ada@example.test' });
  const { body } = await server.request('GET', `/board/view?project_id=${project.id}`);
  const cards = body.columns.flatMap(({ items }: { items: { id: string; pull_request: object | null }[] }) => items);
  const of = ({ id }: { id: string }) => cards.find((card: { id: string }) => card.id === id).pull_request;
  expect(of(alone)).toEqual({ id: first.id, number: first.number, state: 'merged' });
  expect(of(planned)).toEqual({ id: second.id, number: second.number, state: 'open' });
  expect(of(none)).toBeNull();
});
