import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Retrying } from '#workflows/domain/retrying.ts';
import { finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { double } from './double.ts';
import { World, type Place } from './world.ts';

describe('steps that fail', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-refused-'));
  const file = path.join(folder, 'refused');
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      ...double('/temporal/worker.ts', '#activities/index.ts', './refusing-activities.ts'),
      TEST_REFUSED_FILE: file,
    });
  }, 120_000);
  afterEach(() => rmSync(file, { force: true }));
  afterAll(async () => {
    await world?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const place = (): Promise<Place> =>
    world.place((request) =>
      request.context.kind === 'validation'
        ? reviewPasses(request)
        : finishTask(request, { 'docs/notes.md': '# Notes\n' }),
    );

  test('a step that can pass is retried in sight, goes on by itself, and can be cancelled', async () => {
    const { api } = world.stack;
    const here = await place();
    writeFileSync(file, 'openTicket');
    const [waiting, cancelled] = [await world.ticket(here), await world.ticket(here, { force_create: true })];
    for (const ticket of [waiting, cancelled]) {
      const { retrying } = await api.until<{ retrying: Retrying | null }>(
        `/tickets/${ticket.ticket_id}`,
        (row) => row.retrying !== null,
        60_000,
      );
      expect(retrying).toMatchObject({ step: 'openTicket', error: 'Nothing answers openTicket.' });
      expect(retrying?.attempt).toBeGreaterThan(1);
      expect(Date.parse(retrying?.next_try_at ?? '')).toBeGreaterThan(Date.parse(retrying?.since ?? ''));
    }
    await api.post(`/tickets/${cancelled.ticket_id}/cancel`, {});
    await api.until<{ items: unknown[] }>(
      `/tickets/${cancelled.ticket_id}`,
      (row) => (row as unknown as { retrying: unknown }).retrying === null,
      30_000,
    );
    rmSync(file);
    await world.pullRequest(waiting);
    expect(await api.get(`/tickets/${waiting.ticket_id}`)).toMatchObject({ retrying: null });
  }, 200_000);
});
