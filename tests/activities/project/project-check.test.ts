import { projectCommands } from '#activities/project/project-check.ts';
import type { Services } from '#activities/ports/services.ts';

const commandsOf = (files: Record<string, string>) =>
  projectCommands(
    {
      repositories: { readFiles: () => Promise.resolve(new Map(Object.entries(files))) },
      store: { projects: { get: () => Promise.resolve({ settings: {} }) } },
    } as unknown as Pick<Services, 'repositories' | 'store'>,
    'o',
    'p',
    'sha',
  );

test.each([
  'null',
  'true',
  '42',
  '"text"',
  '[]',
  '[{"scripts": {"test": "x"}}]',
  '{"scripts": null, "dependencies": null}',
  '{"scripts": "x", "dependencies": 5, "devDependencies": ["a"]}',
  '{"scripts": {"test": null}}',
  '{"scripts": {"test": 7}}',
  '{"scripts": {"test": ["a"]}}',
  '{',
  '',
])('a package.json that holds %s gives no command', async (text) => {
  expect(await commandsOf({ 'package.json': text })).toEqual({ setup: [], checks: [], network: 'setup' });
});

test('one odd part of a package.json hides no other', async () => {
  const odd =
    '{"name": null, "scripts": {"test": "node x", "build": 5}, "dependencies": 5, "devDependencies": {"a": 1}}';
  expect(await commandsOf({ 'package.json': odd })).toMatchObject({
    setup: ['npm install --no-save'],
    checks: ['npm test'],
  });
});
