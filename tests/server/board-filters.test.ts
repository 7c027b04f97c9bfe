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
