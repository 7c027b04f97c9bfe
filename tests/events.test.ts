import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { eventCatalogue, eventProblem, type Consumer } from '#workflows/domain/events/catalogue.ts';
import { rootDir } from '#activities/services/config.ts';

const read = (file: string) => readFileSync(path.join(rootDir, file), 'utf8');

/** The file of each reader, and how its code chooses the events that it reads. */
const readers: Record<Consumer, { file: string; by: 'pattern' | 'type' | { code: string; field?: string } }> = {
  'web:command': { file: 'web/app/routes/_shell.command.tsx', by: 'pattern' },
  'web:board': { file: 'web/app/routes/_shell.board.$projectId.tsx', by: 'pattern' },
  'web:pull-request': { file: 'web/app/routes/_shell.pull-requests.$pullId.tsx', by: 'pattern' },
  'web:memory': { file: 'web/app/routes/_shell.memory.tsx', by: 'pattern' },
  'web:agents': { file: 'web/app/routes/_shell.agents._index.tsx', by: 'pattern' },
  'web:alerts': { file: 'web/app/routes/_shell.alerts._index.tsx', by: 'pattern' },
  'web:explore': { file: 'web/app/routes/_shell.projects.$projectId.explore.tsx', by: 'pattern' },
  'cli:feature': { file: 'scripts/cli/feature-progress.ts', by: 'type' },
  'web:project': {
    file: 'web/app/routes/_shell.projects.$projectId._index.tsx',
    by: { code: 'event.project_id === project.id' },
  },
  'web:spec': {
    file: 'web/app/routes/_shell.projects.$projectId.specs.$specId.tsx',
    by: { code: 'data.spec_id === spec.id', field: 'spec_id' },
  },
  'web:run': { file: 'web/app/lib/use-run-stream.ts', by: { code: 'entity.id !== id' } },
  'cli:run-watch': { file: 'scripts/cli/commands/run.ts', by: { code: 'event.entity.id !== params.id' } },
  trajectory: { file: 'server/usecases/runs.ts', by: { code: 'entity_ids: [id]' } },
  audit: { file: 'server/usecases/events.ts', by: { code: 'store.events.after(organization_id' } },
};

/** The patterns of event types in a source: regular expressions that begin with ^, and prefixes. */
function patternsOf(source: string): RegExp[] {
  const expressions = [...source.matchAll(/\/(\^(?:\\.|[^/\n])+)\//g)].map(([, text]) => new RegExp(text ?? ''));
  const prefixes = [...source.matchAll(/type\.startsWith\('([a-z_.]+)'\)/g)].map(
    ([, text]) => new RegExp(`^${(text ?? '').replaceAll('.', '\\.')}`),
  );
  return [...expressions, ...prefixes];
}

/** Types that a source compares with: `case 'x'` and `type === 'x'`. */
const typesIn = (source: string) =>
  new Set([...source.matchAll(/(?:case|[!=]==) '([a-z_]+(?:\.[a-z_]+)+)'/g)].map(([, type]) => type ?? ''));

function reads(consumer: Consumer, type: string, fields: string[]): boolean {
  const { file, by } = readers[consumer];
  const source = read(file);
  if (by === 'pattern') return patternsOf(source).some((pattern) => pattern.test(type));
  if (by === 'type') return typesIn(source).has(type);
  return source.includes(by.code) && (by.field === undefined || fields.includes(by.field));
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(rootDir, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory() && !['generated', 'sample', 'node_modules'].includes(entry.name)) yield* sources(name);
    else if (entry.name.endsWith('.ts') && !name.endsWith('events/catalogue.ts')) yield read(name);
  }
}

const published = ['activities', 'prisma', 'server', 'workflows', 'temporal']
  .flatMap((folder) => [...sources(folder)])
  .join('\n');

test.each(Object.entries(eventCatalogue))('%s is published, and each of its readers reads it', (type, definition) => {
  const consumers: readonly Consumer[] = definition.consumers;
  expect(published).toContain(`'${type}'`);
  expect(consumers.length).toBeGreaterThan(0);
  for (const consumer of consumers)
    expect([consumer, reads(consumer, type, Object.keys(definition.data.shape))]).toEqual([consumer, true]);
});

test('a reader that has nothing to do with a type is found out', () => {
  expect(reads('web:board', 'api_key.created', [])).toBe(false);
  expect(reads('cli:feature', 'spec.progress', [])).toBe(false);
  expect(reads('web:spec', 'api_key.created', ['name'])).toBe(false);
});

test('each published name is in the catalogue', () => {
  // The model's deltas are passed on and not stored.
  const named = [...published.matchAll(/\btype: '([a-z_]+(?:\.[a-z_]+)+)'/g)].map((match) => match[1]);
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((type) => type !== 'run.delta' && !(type && type in eventCatalogue))).toEqual([]);
});

test('each type that the command line compares with is in the catalogue', () => {
  const compared = ['scripts/cli/feature-progress.ts', 'scripts/cli/commands/run.ts'].flatMap((file) => [
    ...typesIn(read(file)),
  ]);
  expect(compared.length).toBeGreaterThan(10);
  expect(compared.filter((type) => !(type in eventCatalogue))).toEqual([]);
});

test('an event whose data does not match its schema is named with the field', () => {
  const base = { organization_id: 'o', entity: { kind: 'run', id: 'r' } };
  expect(eventProblem({ ...base, type: 'run.forked', data: { run_id: 'r', fork_id: 'f', turn: 1 } })).toBeUndefined();
  expect(eventProblem({ ...base, type: 'run.forked', data: { run_id: 'r', fork_id: 'f', turn: 0.5 } })).toMatch(
    /run\.forked.*turn/s,
  );
});
