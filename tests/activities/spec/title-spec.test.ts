import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ModelError, type ModelRequest } from '#activities/ports/model.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Store } from '#activities/ports/store.ts';
import { titleSpec } from '#activities/spec/title-spec.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { newPlace, openStore } from '#tests/support/own-store.ts';
import { isCutTitle } from '#workflows/domain/phases/title.ts';

let store: Store;
let place: Awaited<ReturnType<typeof newPlace>>;
let close: () => Promise<void>;
beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-titles-'));
  const database = await openDatabase({ socketDir: folder });
  await applyMigrations(database.url);
  store = openStore(database.url);
  place = await newPlace(store, 'titles');
  close = async () => {
    await store.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());

const request = `People of the library want that ${'a reader may renew a loan and '.repeat(100)}is told when it ends.`;

async function newSpec(title: string, description = request) {
  const { id: organization_id } = place.organization;
  return store.specs.create({
    ...{ id: randomUUID(), organization_id, project_id: place.project.id, user_id: null, title, description },
    ...{ status: 'executing', gate_policy: { mode: 'auto', score: null, phases: [], timeout_seconds: null } },
    ...{ plan: { version: 1, phases: [] }, content_hash: randomUUID() },
  });
}

/** The services with a model that answers so. */
function withModel(answer: () => unknown) {
  const asked: ModelRequest[] = [];
  const services = {
    store,
    model: {
      provider: 'played',
      call: (order: ModelRequest) => {
        asked.push(order);
        const content = [{ type: 'tool_use', id: 'toolu_1', name: 'give_title', input: answer() }];
        const usage = { input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 };
        return Promise.resolve({ id: 'm', model: 'x', stop_reason: 'tool_use', content, malformed: [], usage });
      },
    },
    permits: { take: () => Promise.resolve({ give: () => undefined }) },
    config: { model: { prices: {}, small_name: 'claude-haiku-5-5' } },
    log: { warn: () => undefined, error: () => undefined },
  } as unknown as Services;
  return { services, asked };
}

test('[PLAN-02] a title that is cut from a long request is written again, and the request stays word for word', async () => {
  const spec = await newSpec(request.slice(0, 100));
  const { services, asked } = withModel(() => ({ title: 'Let readers renew loans' }));
  const titled = await titleSpec(services, spec);
  expect(titled).toMatchObject({
    title: 'Let readers renew loans',
    description: request,
    content_hash: spec.content_hash,
  });
  // A step that runs twice finds the title, and asks nobody again.
  expect((await titleSpec(services, titled)).title).toBe('Let readers renew loans');
  expect(asked).toHaveLength(1);
  const versions = await store.specs.versions(place.organization.id, spec.id, 10);
  expect(JSON.stringify(versions)).toContain(request.slice(0, 100));
});

test('[PLAN-02] where no model gives a title, the request keeps the one that it has', async () => {
  const spec = await newSpec(request.slice(0, 100));
  const down = withModel(() => {
    throw new ModelError('overloaded', 'The model is down.');
  });
  expect((await titleSpec(down.services, spec)).title).toBe(spec.title);
  const long = withModel(() => ({ title: 'x'.repeat(101) }));
  expect((await titleSpec(long.services, await newSpec(request.slice(0, 100)))).title).toBe(spec.title);
});

test.each([
  ['Renew loans', request, false],
  ['Renew loans', 'Renew loans', false],
  ['Let people renew', 'Let people renew loans by themselves.', false],
  [request.slice(0, 100), request, true],
  [`${request.slice(0, 99)}…`, request, true],
  ['x'.repeat(101), 'y', true],
  [request.slice(0, 100), `${request.slice(0, 100)}\nMore about it.`, false],
])('a title that somebody chose is not cut: %.20s', (title, description, isCut) =>
  expect(isCutTitle({ title, description })).toBe(isCut),
);
