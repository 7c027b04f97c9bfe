import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { rootDir } from '#activities/services/config.ts';
import { bundlePath } from '#temporal/bundle.ts';
import { dataConverter } from '#temporal/data-converter.ts';
import { version } from '#activities/services/version.ts';
import { patches } from '#workflows/support/patches.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const folder = path.join(rootDir, 'tests/replay/histories');
const files = readdirSync(folder).sort();
const read = (file: string) =>
  JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as {
    events: {
      activityTaskScheduledEventAttributes?: { activityType: { name: string } };
      workflowExecutionStartedEventAttributes?: { workflowId?: string };
    }[];
  };
// Under its own id, which a workflow may read.
const replay = (history: ReturnType<typeof read>, name: string) =>
  Worker.runReplayHistory(
    { workflowBundle: { codePath: bundlePath }, dataConverter },
    historyFromJSON(history),
    history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? name,
  );

test('every kind of workflow has a recorded history', () => {
  const kinds = [...readFileSync(path.join(rootDir, 'workflows/index.ts'), 'utf8').matchAll(/export \{ (\w+) \}/g)].map(
    (match) => match[1],
  );
  expect(kinds.length).toBeGreaterThan(10);
  for (const kind of kinds) expect(files.some((file) => file.startsWith(`${kind}.`))).toBe(true);
});

test.each(files)("%s is what today's code would do", async (file) => {
  await replay(read(file), file);
});

test("a history that today's code would not have written is noticed", async () => {
  const history = read('taskWorkflow.plain.json');
  const first = history.events.find(
    (event) => event.activityTaskScheduledEventAttributes,
  )?.activityTaskScheduledEventAttributes;
  if (first) first.activityType.name = 'somethingElse';
  await expect(replay(history, 'changed')).rejects.toThrow(/nondeterminism/i);
});

test('the patch ledger and the workflows name the same patches', () => {
  const inCode = readdirSync(path.join(rootDir, 'workflows'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      [
        ...readFileSync(path.join(rootDir, 'workflows', name), 'utf8').matchAll(
          /\b(?:patched|deprecatePatch)\(['"]([^'"]+)['"]\)/g,
        ),
      ].map((match) => match[1] ?? ''),
    );
  expect([...new Set(inCode)].sort()).toEqual(Object.keys(patches).sort());
});

test('a patch names a version that exists', () => {
  const parts = (text: string) => text.split('.').map(Number);
  const current = parts(version);
  const later = Object.entries(patches).filter(([, { since }]) => {
    const differing = parts(since).findIndex((part, i) => part !== current[i]);
    return differing >= 0 && (parts(since)[differing] ?? 0) > (current[differing] ?? 0);
  });
  expect(later).toEqual([]);
});
