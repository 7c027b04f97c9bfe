import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { eventCatalogue } from '#workflows/domain/events/catalogue.ts';
import { rootDir } from '#activities/services/config.ts';

/** Where each consumer stands. The trajectory and the audit trail read the events' table itself. */
const places: Record<string, string> = {
  'web:command': 'web/app/routes/_shell.command.tsx',
  'web:spec': 'web/app/routes/_shell.projects.$projectId.specs.$specId.tsx',
  'web:run': 'web/app/routes/_shell.runs.$runId.tsx',
  'web:board': 'web/app/routes/_shell.board.$projectId.tsx',
  'web:pull-request': 'web/app/routes/_shell.pull-requests.$pullId.tsx',
  'cli:feature': 'scripts/cli/feature-progress.ts',
  'cli:run-watch': 'scripts/cli/commands/run.ts',
  trajectory: 'server/usecases/runs.ts',
  audit: 'server/usecases/events.ts',
};

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(rootDir, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory() && !['generated', 'sample', 'node_modules'].includes(entry.name)) yield* sources(name);
    else if (entry.name.endsWith('.ts') && !name.endsWith('events/catalogue.ts'))
      yield readFileSync(path.join(rootDir, name), 'utf8');
  }
}

const published = ['activities', 'prisma', 'server', 'workflows', 'temporal']
  .flatMap((folder) => [...sources(folder)])
  .join('\n');

test.each(Object.entries(eventCatalogue))('%s is published by somebody and read by somebody', (type, { consumers }) => {
  expect(published).toContain(`'${type}'`);
  expect(consumers.length).toBeGreaterThan(0);
  for (const consumer of consumers)
    expect([consumer, existsSync(path.join(rootDir, places[consumer] ?? 'unknown'))]).toEqual([consumer, true]);
});

test('every name that is published stands in the catalogue', () => {
  // A model's words as they come are passed on and not kept.
  const named = [...published.matchAll(/\btype: '([a-z_]+(?:\.[a-z_]+)+)'/g)].map((match) => match[1]);
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((type) => type !== 'run.delta' && !(type && type in eventCatalogue))).toEqual([]);
});
