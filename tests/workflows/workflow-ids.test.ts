import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { workflowId } from '#workflows/contracts/ids.ts';

/** The ids as the documents write them: placeholders in capitals. */
const made = [
  workflowId.spec('ID'),
  workflowId.specPhase('ID', 'PHASE'),
  workflowId.projectQueue('ID'),
  workflowId.guardian('ID'),
  workflowId.conductor('ID'),
  workflowId.health('ID'),
  workflowId.ticket('ID'),
  workflowId.task('ID'),
  workflowId.run('ID'),
  workflowId.discovery('ID'),
  workflowId.merge('ID', 1).replace('1', 'N'),
  workflowId.pullRequest('ID'),
  workflowId.survey('ID'),
];

const documents = ['README.md', ...readdirSync(path.join(rootDir, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
);
const written = documents.flatMap((file) =>
  [...readFileSync(path.join(rootDir, file), 'utf8').matchAll(/\b[a-z]+:ID(?::\w+)?/g)].map(([id]) => ({ file, id })),
);

test('every workflow id in the documents is one that the code makes', () => {
  expect(written.filter(({ id }) => !made.includes(id))).toEqual([]);
});

test('the documents name every kind of workflow id', () => {
  const ids = new Set(written.map(({ id }) => id));
  expect(made.filter((id) => !ids.has(id))).toEqual([]);
});
