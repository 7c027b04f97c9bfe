import { find, type Files, found, json } from './found.ts';

const package_ = (scripts: Record<string, string>, more: object = {}) =>
  json({ scripts, devDependencies: { vitest: '1' }, ...more });
const locked = (scripts: Record<string, string>, more: object = {}): Files => ({
  'package.json': package_(scripts, more),
  'package-lock.json': '{}',
});

const rows: [title: string, files: Files, expected: string[]][] = [
  [
    'npm with a lock file',
    locked({ build: 'tsc', lint: 'eslint .', typecheck: 'tsc --noEmit', test: 'jest' }),
    ['[.] npm', 'setup npm ci', 'test npm test', 'types npm run typecheck', 'lint npm run lint', 'build npm run build'],
  ],
  [
    'npm without a lock file',
    { 'package.json': package_({ test: 'mocha' }) },
    [
      '[.] npm',
      'setup npm install --no-save --no-package-lock --no-audit --no-fund',
      'test npm test',
      'missing a lock file for package.json',
    ],
  ],
  [
    'no packages, so no set-up',
    { 'package.json': json({ scripts: { test: 'node --test' } }) },
    ['[.] npm', 'test npm test'],
  ],
  [
    'the placeholder of npm init',
    { 'package.json': json({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }) },
    ['[.] npm', 'missing tests'],
  ],
  [
    'a test runner without a script',
    { ...locked({}), 'src/a.test.ts': '' },
    ['[.] npm', 'setup npm ci', 'test npx --no-install vitest run'],
  ],
  ['bare vitest', locked({ test: 'vitest' }), ['[.] npm', 'setup npm ci', 'test npm test -- --run']],
  [
    'bare vitest behind a script that calls it',
    locked({ test: 'npm run unit', unit: 'vitest' }),
    ['[.] npm', 'setup npm ci', 'test npm run unit -- --run'],
  ],
  [
    'jest --watch',
    locked({ test: 'jest --watch' }),
    ['[.] npm', 'setup npm ci', 'test CI=1 npm test -- --watch=false --watchAll=false'],
  ],
  [
    'a watch mode that cannot end, beside a script that does',
    locked({ test: 'tsx --test --watch', 'test:ci': 'tsx --test' }),
    ['[.] npm', 'setup npm ci', 'test npm run test:ci'],
  ],
  [
    'a watch mode that cannot end',
    locked({ test: 'nodemon test.js' }),
    ['[.] npm', 'setup npm ci', 'missing a test command that ends'],
  ],
  ['a linter that fixes', locked({ test: 'x', lint: 'eslint --fix .' }), ['[.] npm', 'setup npm ci', 'test npm test']],
  ['a script that publishes', locked({ test: 'npm publish' }), ['[.] npm', 'setup npm ci', 'missing tests']],
  [
    'pnpm workspace, tests only in members',
    {
      'package.json': json({ private: true }),
      'pnpm-lock.yaml': '',
      'pnpm-workspace.yaml': 'packages:\n  - packages/*\n  - "!packages/c"\n',
      'packages/a/package.json': package_({ test: 'vitest run' }),
      'packages/c/package.json': package_({ test: 'vitest run' }),
    },
    [
      '[.] pnpm',
      'setup pnpm install --frozen-lockfile',
      'test pnpm --dir packages/a test',
      '[packages/c] npm',
      'setup npm install --no-save --no-package-lock --no-audit --no-fund',
      'test npm test',
      'missing a lock file for packages/c/package.json',
    ],
  ],
  [
    'pnpm workspace of many members',
    {
      'package.json': json({ private: true }),
      'pnpm-lock.yaml': '',
      'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
      ...Object.fromEntries(
        Array.from({ length: 11 }, (_, n) => [`packages/p${n}/package.json`, package_({ test: 'vitest run' })]),
      ),
    },
    ['[.] pnpm', 'setup pnpm install --frozen-lockfile', 'test pnpm -r --if-present test'],
  ],
  [
    'yarn 1 workspace without a script at the root',
    {
      'package.json': json({ workspaces: ['libs/*'] }),
      'yarn.lock': '# yarn lockfile v1\n',
      'libs/a/package.json': package_({ test: 'jest' }),
      'libs/b/package.json': package_({}),
    },
    ['[.] yarn', 'setup yarn install --frozen-lockfile', 'test yarn --cwd libs/a test'],
  ],
  [
    'yarn berry',
    { 'package.json': package_({ test: 'vitest' }), 'yarn.lock': '__metadata:\n  version: 8\n' },
    ['[.] yarn', 'setup yarn install --immutable', 'test yarn test --run'],
  ],
  [
    'the package manager that is named wins over a lock file',
    { 'package.json': package_({ test: 'jest' }, { packageManager: 'pnpm@9.1.0' }), 'yarn.lock': '' },
    ['[.] pnpm', 'setup pnpm install --no-frozen-lockfile', 'test pnpm test', 'missing a lock file for package.json'],
  ],
  [
    'bun without a script',
    { 'package.json': package_({}), 'bun.lock': '', 'a.test.ts': '' },
    ['[.] bun', 'setup bun install --frozen-lockfile', 'test bunx --no-install vitest run'],
  ],
  [
    'bun with its own runner',
    { 'package.json': json({ dependencies: { a: '1' } }), 'bun.lock': '', 'a.test.ts': '' },
    ['[.] bun', 'setup bun install --frozen-lockfile', 'test bun test'],
  ],
  ['null', { 'package.json': 'null' }, ['[.] npm', 'missing a readable package.json']],
  ['not JSON', { 'package.json': '{"scripts": ' }, ['[.] npm', 'missing a readable package.json']],
  [
    'a byte order mark and CRLF',
    { 'package.json': '\uFEFF{\r\n"scripts":{"test":"x"}}\r\n' },
    ['[.] npm', 'test npm test'],
  ],
  ['10 MB', { 'package.json': `{"a":"${'x'.repeat(10_000_000)}"}` }, ['[.] npm', 'missing a readable package.json']],
  [
    'keys of the prototype',
    { 'package.json': '{"__proto__":{"scripts":{"test":"x"}},"scripts":{"constructor":"x","__proto__":{"test":"y"}}}' },
    ['[.] npm', 'missing tests'],
  ],
  [
    'scripts that are no texts',
    { 'package.json': json({ scripts: { test: 5 }, workspaces: 7 }) },
    ['[.] npm', 'missing tests'],
  ],
];

test.each(rows)('finds a Node project: %s', async (_title, files, expected) => {
  expect(await found(files)).toEqual(expected);
});

test('names the file and the line of each command', async () => {
  const { roots } = await find(locked({ build: 'x', test: 'y' }));
  expect(roots[0]?.setup[0]?.source).toEqual({ file: 'package-lock.json', line: 1 });
  expect(roots[0]?.checks.map(({ source }) => source)).toEqual([
    { file: 'package.json', line: 4 },
    { file: 'package.json', line: 3 },
  ]);
});

test('reads versions from the most exact file, with its line', async () => {
  const { roots } = await find({
    '.nvmrc': 'v20.1.0\n',
    '.tool-versions': '# tools\npython 3.11.4\nterraform 1.0\n',
    'package.json': json({
      engines: { node: '>=18' },
      packageManager: 'pnpm@9.1.0+sha512.abc',
      scripts: { test: 'x' },
    }),
    '.devcontainer/devcontainer.json':
      '{ // comment\n "image": "mcr.microsoft.com/devcontainers/go:1-1.22", "features": {"ghcr.io/devcontainers/features/java:1": {"version": "21"}},\n}',
  });
  expect(roots[0]?.tools).toEqual([
    { tool: 'python', version: '3.11.4', source: { file: '.tool-versions', line: 2 } },
    { tool: 'node', version: '20.1.0', source: { file: '.nvmrc', line: 1 } },
    { tool: 'pnpm', version: '9.1.0', source: { file: 'package.json', line: 5 } },
    { tool: 'go', version: '1.22', source: { file: '.devcontainer/devcontainer.json', line: 2 } },
    { tool: 'java', version: '21', source: { file: '.devcontainer/devcontainer.json', line: 2 } },
  ]);
});
