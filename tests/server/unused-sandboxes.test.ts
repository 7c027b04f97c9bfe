import { randomUUID } from 'node:crypto';
import type { NewRun } from '#prisma/store/new-run.ts';
import { newPlace } from '#tests/support/own-store.ts';
import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start('unused');
});
afterAll(() => server.close());

/** A run with an open sandbox. */
async function newRun({ organization, project }: Awaited<ReturnType<typeof newPlace>>, ended = true) {
  const { runs, sandboxes } = server.store;
  const id = randomUUID();
  const words = { title: 't', opening: '', system_prompt: '', tools: '[]', goal: '', provider: 'p', model: 'm' };
  const run = await runs.create({
    ...{ id, organization_id: organization.id, project_id: project.id, kind: 'task', mode: 'implementation' },
    ...{ ...words, attempt: 1, sandbox_id: `omoios-${id}`, branch: 'b', base_sha: 'a'.repeat(40), max_usd: 1 },
    ...{ limits: {} as NewRun['limits'], terms: { criteria: [], changes_expected: false, context: { kind: 'task' } } },
  } as NewRun);
  await sandboxes.start(run, { provider: 'local', labels: {}, limits: {} });
  if (ended) await runs.end(organization.id, id, { status: 'cancelled', reason: 'stopped', message: '' });
  return run;
}

test('[EXEC-15] sandboxes of ended runs are counted and their projects told to end them; those at work and of others are not', async () => {
  const clear = async () =>
    (await server.request('POST', '/sandboxes/admin/clear-tracked-sandboxes', {})).body as object;
  const { place } = server;
  await newRun(place, false);
  await newRun(await newPlace(server.store, 'other'));
  expect(await clear()).toEqual({ unused: 0, project_ids: [] });
  expect(server.watched).toEqual([]);

  await newRun(place);
  const { sandbox_id: last } = await newRun(place);
  expect(await clear()).toEqual({ unused: 2, project_ids: [place.project.id] });
  expect(server.watched).toEqual([place.project.id]);

  await server.store.sandboxes.end(place.organization.id, last, { status: 'terminated', reason: 'unused' });
  expect(await clear()).toMatchObject({ unused: 1 });
});
