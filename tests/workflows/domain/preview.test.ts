import { devCommand, isFrontEnd } from '#workflows/domain/agent/preview.ts';

test.each([
  ['Add a React component', true],
  ['The UI shows a date', true],
  ['Style the front-end', true],
  ['Move to Next.js', true],
  ['Run vite with a proxy', true],
  ['Build the parser', false],
  ['Require a guide for suites', false],
  ['Do the next step of the webhook', false],
  ['Write react-like hooks for the scheduler', false],
])('[EXEC-27] whole words tell a task about a front end: %s', (text, expected) => {
  expect(isFrontEnd(text)).toBe(expected);
});

const scripts = (named: object) => JSON.stringify({ scripts: named });
test.each([
  [[], scripts({ dev: 'node server.js' }), 'npm run dev'],
  [['pnpm-lock.yaml'], scripts({ dev: 'vite' }), 'pnpm run dev --port 4000 --host 127.0.0.1'],
  [[], scripts({ start: 'vite dev' }), 'npm run start -- --port 4000 --host 127.0.0.1'],
  [['yarn.lock'], scripts({ build: 'x', serve: 'next' }), 'yarn run serve'],
  [[], scripts({ build: 'vite build' }), undefined],
  [[], '{', undefined],
  [[], 'null', undefined],
])('the script of a dev server runs with the package manager of %j', (files, text, expected) => {
  expect(devCommand(files, text, 4000)).toBe(expected);
});
