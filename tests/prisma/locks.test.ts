import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Store } from '#activities/ports/store.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { newPlace, openStore } from '#tests/support/own-store.ts';

let store: Store;
let close: () => Promise<void>;
let place: Awaited<ReturnType<typeof newPlace>>;
let tasks: string[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-locks-'));
  const database = await openDatabase({ socketDir: folder });
  await applyMigrations(database.url);
  store = openStore(database.url);
  place = await newPlace(store, 'locks');
  close = async () => {
    await store.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());

beforeEach(async () => {
  const at = { organization_id: place.organization.id, project_id: place.project.id };
  const work = { title: 't', description: 'd', priority: 'LOW', phase_id: 'PHASE_BACKLOG' };
  const { ticket } = await store.tickets.create({
    ...at,
    ...work,
    id: randomUUID(),
    user_id: null,
    status: 'backlog',
    workflow_mode: 'spec_driven',
  });
  tasks = [];
  for (let n = 0; n < 5; n += 1)
    tasks.push((await store.tasks.create({ ...at, ...work, ticket_id: ticket.id, task_type: 'implementation' })).id);
});

const start = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const acquire = (n: number, mode: 'exclusive' | 'shared', now = start, seconds = 60) =>
  store.locks.acquire(
    {
      organization_id: place.organization.id,
      task_id: tasks[n] ?? '',
      resource_type: 'environment',
      resource_id: 'staging',
      mode,
      locked_by: 'ada@example.test',
      expires_at: new Date(now.getTime() + seconds * 1000),
    },
    now,
  );
const held = async (now = start) =>
  (await store.locks.list(place.organization.id, {}, now, { limit: 50 })).items.map(({ task_id }) =>
    tasks.indexOf(task_id),
  );
const free = async () => {
  for (const id of tasks)
    await store.locks.release(place.organization.id, id, { resource_type: 'environment', resource_id: 'staging' });
};
const conflict = expect.objectContaining({ code: 'conflict' }) as unknown;

describe('[MERGE-11] locks', () => {
  afterEach(free);

  test('of five tasks that want a thing for themselves at once, one gets it', async () => {
    const ends = await Promise.allSettled(tasks.map((_, n) => acquire(n, 'exclusive')));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', ...Array<string>(4).fill('rejected')]);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toEqual(conflict);
    expect(await held()).toHaveLength(1);
  });

  test('several share a thing, and nobody has it alone meanwhile', async () => {
    await Promise.all([acquire(0, 'shared'), acquire(1, 'shared')]);
    await expect(acquire(2, 'exclusive')).rejects.toEqual(conflict);
    await expect(acquire(0, 'exclusive')).rejects.toEqual(conflict);
    expect((await held()).sort()).toEqual([0, 1]);
    await store.locks.release(place.organization.id, tasks[1] ?? '', {
      resource_type: 'environment',
      resource_id: 'staging',
    });
    expect(await acquire(0, 'exclusive')).toMatchObject({ mode: 'exclusive' });
    await expect(acquire(1, 'shared')).rejects.toEqual(conflict);
  });

  test('a lock that has expired holds nothing, and whoever had it has a lower fence', async () => {
    const first = await acquire(0, 'exclusive');
    const renewed = await acquire(0, 'exclusive', later(30));
    expect(renewed).toMatchObject({ id: first.id, expires_at: later(90) });
    await expect(acquire(1, 'exclusive', later(89))).rejects.toThrow('until 2026-01-01T00:01:30.000Z');
    expect(await held(later(90))).toEqual([]);
    const next = await acquire(1, 'exclusive', later(90));
    expect([renewed.fence > first.fence, next.fence > renewed.fence]).toEqual([true, true]);
  });

  test('a task that ends leaves its locks, and takes none', async () => {
    await acquire(0, 'exclusive');
    await store.tasks.move(place.organization.id, tasks[0] ?? '', 'cancelled', {});
    expect(await held()).toEqual([]);
    await expect(acquire(0, 'shared')).rejects.toThrow('is cancelled, so it locks nothing');
    const elsewhere = await newPlace(store, randomUUID());
    const lock = { resource_type: 'environment', resource_id: 'staging', mode: 'shared' as const };
    await expect(
      store.locks.acquire(
        {
          ...lock,
          organization_id: elsewhere.organization.id,
          task_id: tasks[1] ?? '',
          locked_by: 'b',
          expires_at: later(1),
        },
        start,
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});
