import { find, found, json } from './found.ts';

/** Go compiles its standard library once, in the set-up. */
const compiles = "setup go list -e -export -test -deps -f '' ./...";

const node = json({ scripts: { test: 'node --test' } });

test('several independent folders are several roots, and examples are none', async () => {
  expect(
    await found({
      'web/package.json': node,
      'api/go.mod': 'module api',
      'api/a_test.go': '',
      'examples/a/package.json': node,
      'api/testdata/package.json': node,
      'web/node_modules/a/package.json': node,
      'web/tests/fixtures/a/package.json': node,
    }),
  ).toEqual(['[api] go', compiles, 'test go test ./...', 'lint go vet ./...', '[web] npm', 'test npm test']);
});

test('examples are roots where there is nothing else', async () => {
  expect(await found({ 'examples/a/package.json': node })).toEqual(['[examples/a] npm', 'test npm test']);
});

test('a folder may have two ecosystems', async () => {
  expect(await found({ 'package.json': node, 'go.mod': 'module a', 'a_test.go': '' })).toEqual([
    '[.] npm+go',
    compiles,
    'test npm test',
    'test go test ./...',
    'lint go vet ./...',
  ]);
});

test('at most 20 roots, the nearest to the top first', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`${'deep/'.repeat(at % 3)}p${at}/package.json`, node]),
  );
  const { roots } = await find(files);
  expect(roots).toHaveLength(20);
  expect(roots.slice(0, 14).every(({ path }) => !path.includes('/'))).toBe(true);
});

test('the last folders of 50,000 files are found, and few files are read', async () => {
  const paths = Array.from({ length: 50_000 }, (_, at) => `src/m${at % 500}/f${at}.ts`);
  const asked: string[] = [];
  const { roots } = await (
    await import('#activities/survey/find/index.ts')
  ).findEnvironment({
    paths: ['package.json', ...paths],
    read: (names) => {
      asked.push(...names);
      return Promise.resolve(new Map([['package.json', node]]));
    },
  });
  expect(asked).toEqual(['package.json']);
  expect(roots[0]?.checks[0]?.command).toBe('npm test');
});

test('names the files whose change asks for a new survey, present or not', async () => {
  const { read } = await find({ 'api/go.mod': 'module api', 'api/a_test.go': '', '.github/workflows/a.yml': '' });
  expect(read).toEqual(
    expect.arrayContaining(['api/go.mod', 'api/go.sum', '.github/workflows/a.yml', 'package.json', 'AGENTS.md']),
  );
});

test('says which registry and which services are missing, without their secrets', async () => {
  const { roots } = await find({
    'package.json': json({ scripts: { test: 'x' }, devDependencies: { testcontainers: '1' } }),
    'package-lock.json': '',
    '.npmrc': '@corp:registry=https://user:hunter2@npm.corp.example/\n//npm.corp.example/:_authToken=${NPM_TOKEN}\n',
    'docker-compose.yml': 'services:\n  db:\n    image: postgres\n  "$(x)": {}\n',
    '.github/workflows/ci.yml':
      'jobs:\n  a:\n    services:\n      db:\n        image: postgres:16\n    steps:\n      - run: docker compose up -d\n',
  });
  expect(roots[0]?.missing.map(({ what }) => what)).toEqual([
    'access to the registry npm.corp.example',
    'Docker for Testcontainers',
    'Docker for the services of docker-compose.yml (db)',
    'the services postgres',
  ]);
  expect(JSON.stringify(roots)).not.toMatch(/hunter2|NPM_TOKEN/);
});
