import { execFileSync } from 'node:child_process';
import { quote } from '#activities/survey/reports/command-line.ts';
import { factsOf, instrument, onlyTests, reportReaders } from '#activities/survey/reports/index.ts';

const root = (files: Record<string, string> = {}) => ({ file: (name: string) => files[name] });
const scripts = (all: Record<string, string>) => root({ 'package.json': JSON.stringify({ scripts: all }) });
const run = (command: string, facts = root()) => {
  const { reader, command: text, env, reports } = instrument(command, facts, '/tmp/r');
  return { reader: reader?.name, text, env, reports };
};

describe('commands and the runner that they start', () => {
  test.each([
    ['jest', 'jest', 'jest --json --outputFile=/tmp/r'],
    ['npx --yes jest src', 'jest', 'npx --yes jest src --json --outputFile=/tmp/r'],
    [
      'node --experimental-vm-modules node_modules/jest/bin/jest.js',
      'jest',
      'node --experimental-vm-modules node_modules/jest/bin/jest.js --json --outputFile=/tmp/r',
    ],
    [
      'npm run -s lint && npx jest > log 2>&1; echo done',
      'jest',
      'npm run -s lint && npx jest --json --outputFile=/tmp/r > log 2>&1; echo done',
    ],
    ['mocha "a b" # all', 'mocha', 'mocha "a b" --reporter json --reporter-option output=/tmp/r # all'],
    [
      '(cd web && vitest run)',
      'vitest',
      '(cd web && vitest run --reporter=default --reporter=junit --outputFile.junit=/tmp/r)',
    ],
    ['bun test', 'bun test', 'bun test --reporter=junit --reporter-outfile=/tmp/r'],
    ['go vet ./... && go test ./... -race', 'go test', 'go vet ./... && go test -json ./... -race'],
    ['dotnet test --nologo', 'dotnet test', 'dotnet test --logger trx --results-directory /tmp/r.trx --nologo'],
    ['vendor/bin/phpunit', 'PHPUnit', 'vendor/bin/phpunit --log-junit /tmp/r'],
    ['python3 -m unittest discover', 'unittest', 'python3 -m unittest discover -v'],
    ['cargo test --all', 'cargo test', 'cargo test --all'],
    ['./mvnw -q test', 'Surefire', './mvnw -q test'],
    ['./gradlew :app:test', 'Gradle', './gradlew :app:test'],
    ['mvn package -DskipTests', undefined, 'mvn package -DskipTests'],
    ['echo jest', undefined, 'echo jest'],
    ["bash -c 'jest'", undefined, "bash -c 'jest'"],
  ])('%s', (command, reader, text) => {
    expect(run(command)).toMatchObject({ reader, text });
  });

  test.each([
    'pytest -q',
    'python3 -m pytest',
    'uv run --extra test pytest',
    'poetry run pytest',
    'python -W error -m pytest tests',
  ])('%s stays as it is: pytest takes a variable', (command) => {
    const { reader, text, env } = run(command);
    expect({ reader, text }).toEqual({ reader: 'pytest', text: command });
    expect(env.PYTEST_ADDOPTS).toBe('--junitxml=/tmp/r -o junit_family=xunit1');
  });

  test('tox hands the variable on, and a report of the command itself is read', () => {
    const facts = root({ 'tox.ini': '[testenv]\ncommands = pytest' });
    expect(run('tox -e py', facts).env.TOX_OVERRIDE).toBe('testenv.pass_env+=PYTEST_ADDOPTS');
    expect(run('tox').reader).toBeUndefined();
    expect(run('pytest --junitxml=out/r.xml').reports).toEqual(['/tmp/r', '**/out/r.xml']);
  });

  test('RSpec and node --test take variables too', () => {
    expect(run('bundle exec rspec').env.SPEC_OPTS).toBe('--format progress --format json --out /tmp/r');
    const { env, text } = run('node --test');
    expect(text).toBe('node --test');
    expect(env.NODE_OPTIONS).toMatch(
      /^--test-reporter=spec --test-reporter-destination=stdout --test-reporter=data:\S+/,
    );
    expect(env.OMOIOS_TEST_REPORT).toBe('/tmp/r');
  });
});

describe('scripts', () => {
  test.each([
    ['npm test', { test: 'jest' }, 'npm test -- --json --outputFile=/tmp/r'],
    ['npm test -- --ci', { test: 'jest' }, 'npm test -- --ci --json --outputFile=/tmp/r'],
    ['pnpm test', { test: 'jest' }, 'pnpm test --json --outputFile=/tmp/r'],
    ['yarn unit', { unit: 'cross-env A=1 jest' }, 'yarn unit --json --outputFile=/tmp/r'],
    ['npm t', { test: 'npm run unit', unit: 'eslint . && jest' }, 'npm t -- -- --json --outputFile=/tmp/r'],
    ['npm test', { test: 'jest > log' }, 'npm test'],
    ['npm test', { test: 'jest && eslint .' }, 'npm test'],
    ['npm test', { test: 'jest | tee log' }, 'npm test'],
    ['npm test', { test: '(jest)' }, 'npm test'],
    ['npm test -w packages/a', { test: 'jest' }, 'npm test -w packages/a'],
    ['npm test', { test: 'npm test' }, 'npm test'],
    ['npm test', { test: 'turbo run test' }, 'npm test'],
  ])('%s with %j: arguments reach only the last command', (command, all, text) => {
    expect(run(command, scripts(all)).text).toBe(text);
  });

  test.each([
    ['pnpm --dir packages/a test', 'pnpm --dir packages/a test --json --outputFile=/tmp/r'],
    ['npm test --prefix packages/a', 'npm test --prefix packages/a -- --json --outputFile=/tmp/r'],
    ['npm test -w packages/a', 'npm test -w packages/a -- --json --outputFile=/tmp/r'],
    ['bun run --cwd=./packages/a/ test', 'bun run --cwd=./packages/a/ test --json --outputFile=/tmp/r'],
    ['npm test -w packages/a -w packages/b', 'npm test -w packages/a -w packages/b'],
    ['pnpm -r test', 'pnpm -r test'],
  ])('%s runs the script of a member', (command, text) => {
    const member = JSON.stringify({ scripts: { test: 'jest' } });
    expect(factsOf(command)).toEqual(expect.arrayContaining(['package.json', 'Makefile']));
    const files = Object.fromEntries(
      factsOf(command).map((name) => [name, name.startsWith('packages/') ? member : '{}']),
    );
    expect(run(command, root(files)).text).toBe(text);
  });

  const junit = '--log-junit /tmp/r';
  test.each([
    ['composer run-script test', { test: 'phpunit' }, `composer run-script test -- ${junit}`],
    [
      'composer test',
      { test: ['@putenv A=1', '@unit'], unit: '@php -d a=1 vendor/bin/phpunit' },
      `composer test -- ${junit}`,
    ],
    ['composer test -- --testdox', { test: ['pest'] }, `composer test -- --testdox ${junit}`],
    // Arguments would reach both.
    ['composer test', { test: ['phpcs', 'phpunit'] }, 'composer test'],
    ['composer test', { test: ['@test', 'Acme\\Hook::run'] }, 'composer test'],
    ['composer -d lib test', { test: 'phpunit' }, 'composer -d lib test'],
    ['composer install', { test: 'phpunit' }, 'composer install'],
  ])('%s with %j of composer.json', (command, all, text) => {
    expect(run(command, root({ 'composer.json': JSON.stringify({ scripts: all }) })).text).toBe(text);
  });

  test('a variable reaches every command of a script', () => {
    expect(run('npm test', scripts({ test: 'node --test && eslint .' })).reader).toBe('node --test');
    expect(run('npm test', scripts({ test: 'NODE_OPTIONS=--no-warnings node --test' })).reader).toBeUndefined();
  });

  test('make and just are followed through prerequisites and variables', () => {
    const make = (text: string) => run('make test', root({ Makefile: text }));
    expect(make('GO ?= go\ntest: build unit\nunit:\n\t@$(GO) test ./...\n')).toMatchObject({
      reader: 'go test',
      text: 'make test',
      env: { GOFLAGS: '-json' },
    });
    // With the flag, vet would never fail.
    expect(make('test:\n\tgo vet ./...\n\tgo test ./...\n').reader).toBeUndefined();
    expect(make('test:\n\tpython -m pytest\n').reader).toBe('pytest');
    expect(make('test: test\n\tjest\n').reader).toBeUndefined();
    expect(run('just check', root({ justfile: 'check:\n  cargo test\n' })).reader).toBe('cargo test');
  });
});

describe('the command for some tests alone', () => {
  test.each([
    ['jest', 'a.test.js > outer > adds (1+1)', `jest -t '^(outer( > | )adds \\(1\\+1\\))$' --runTestsByPath a.test.js`],
    ['uv run pytest -q', "t/a.py > A > b[it's]", `uv run pytest -q 't/a.py::A::b[it'\\''s]'`],
    ['go test ./...', 'm > TestA/b c', "go test -count=1 -run '^(TestA)$' ./..."],
    ['cargo test', 'src/lib.rs > tests::a', 'cargo test -- --exact tests::a'],
    [
      'mvn test',
      'm.CalcTest > param(int)[2]',
      "mvn test '-Dtest=m.CalcTest#param' -Dsurefire.failIfNoSpecifiedTests=false",
    ],
    ['mocha', 'a.js > outer adds', "mocha --grep '^(outer adds)$'"],
    ['node --test', 'a.test.js > b', 'node --test a.test.js'],
    ['ctest', 'good', "ctest -R '^(good)$'"],
    ['make', 'a', undefined],
  ])('%s, %s', (command, id, expected) => {
    expect(onlyTests(command, root(), [id])).toBe(expected);
  });

  test('too many tests are not named one by one', () => {
    expect(
      onlyTests(
        'pytest',
        root(),
        Array.from({ length: 300 }, (_, i) => `a.py > t${i}`),
      ),
    ).toBeUndefined();
  });

  test('bash runs nothing that an id of the repository holds', () => {
    const hostile = [
      `a'; touch /tmp/omoios-owned; '`,
      '$(touch /tmp/omoios-owned)',
      '`touch x`',
      'a\nb',
      '-rf',
      `"\\'`,
      '!x',
    ];
    for (const id of hostile)
      expect(execFileSync('bash', ['-c', `printf %s ${quote(id)}`], { encoding: 'utf8' })).toBe(id);
    const programs = [
      'jest',
      'vitest',
      'mocha',
      'node --test',
      'pytest',
      'go test',
      'cargo test',
      'mvn test',
      'gradle test',
      'phpunit',
      'rspec',
      'ctest',
    ];
    for (const program of programs)
      for (const text of hostile) {
        const command = onlyTests(program, root(), [`a > ${text}`]);
        if (command === undefined) continue;
        const shadow = `${program.split(' ')[0]} () { printf '%s\\0' "$@"; }; command_not_found_handle () { echo RAN; }\n${command}`;
        const words = execFileSync('bash', ['-c', shadow], { encoding: 'utf8' });
        expect(words).not.toContain('RAN');
      }
    expect(reportReaders.length).toBeGreaterThan(15);
  });
});
