import { runCheck, runTests, type Check } from '#activities/survey/run-check.ts';
import { fromTop } from '#workflows/domain/survey/state.ts';
import { openBench, workingKinds, type Bench } from '../../ports/local/fixture.ts';
import { find } from '../../survey/find/found.ts';
import { doubled } from './tool-doubles.ts';

const [kind = 'none'] = await workingKinds();

describe(`checks in a real sandbox (${kind})`, () => {
  let bench: Bench;
  let id: string;
  let counter = 0;
  const redact = (text: string) => text.replaceAll('hunter2', '***');
  const check = (command: string, changes: Partial<Check> = {}): Check => ({
    job_id: `check.${++counter}`,
    command,
    cwd: '',
    network: 'none',
    timeoutMs: 60_000,
    ...changes,
  });
  const run = (subject: Check) => runCheck({ sandbox: bench.sandbox, redact }, id, subject);
  const lines = (tests: Awaited<ReturnType<typeof run>>['tests']) => tests?.map((test) => `${test.outcome} ${test.id}`);

  beforeAll(async () => {
    bench = await openBench(kind, {
      'package.json': '{"scripts":{"test":"node --test"}}',
      'a.test.js':
        "const test = require('node:test'); test('adds', () => {}); test('was red', () => { throw Error('hunter2') });",
      'web/package.json': '{"scripts":{"test":"node --test && exit 3"}}',
      'web/b.test.js': "require('node:test')('it\\'s $(id) in web', () => {});",
      'plain/Makefile': 'test:\n\t@printf "1..2\\nok 1 - a\\nnot ok 2 - b\\n"; exit 1\n',
      'target/surefire-reports/TEST-old.xml': '<testsuite><testcase classname="a.B" name="old"/></testsuite>',
      mvnw: '#!/bin/sh\nmkdir -p lib/target/surefire-reports\nprintf "%s" "<testsuite><testcase classname=\'a.B\' name=\'ok\'/></testsuite>" > lib/target/surefire-reports/TEST-a.B.xml\n',
      'quiet/mvnw': '#!/bin/sh\necho no compiler\nexit 1\n',
    });
    id = await bench.make();
    await bench.sh(id, 'chmod +x mvnw quiet/mvnw');
  });
  afterAll(() => bench.close());

  test('a script of package.json gives its tests, readable output without secrets, and no new file', async () => {
    const before = await bench.sandbox.treeHash(id);
    const result = await run(check('npm test'));
    expect(lines(result.tests)).toEqual([
      'passed a.test.js > adds',
      'failed a.test.js > was red',
      "passed web/b.test.js > it's $(id) in web",
    ]);
    expect(result).toMatchObject({ exit_code: 1, reader: 'node --test', too_long: false });
    expect(result.incomplete).toBeUndefined();
    expect(result.output).toMatch(/was red[^]*Error: \*\*\*/);
    expect(result.duration_ms).toBeGreaterThan(0);
    expect(await bench.sandbox.treeHash(id)).toBe(before);
  });

  test('a root of its own has ids of its own, and an exit code beside its tests', async () => {
    const result = await run(check('npm test', { cwd: 'web' }));
    expect(lines(result.tests)).toEqual(["passed b.test.js > it's $(id) in web"]);
    expect(result.exit_code).toBe(3);
  });

  test('a repeated activity finds the result of the first command', async () => {
    const subject = check('echo ran >> /tmp/count; node --test a.test.js');
    const first = await run(subject);
    expect(await run(subject)).toEqual(first);
    expect((await bench.sh(id, 'wc -l < /tmp/count; rm /tmp/count')).output.trim()).toBe('1');
  });

  test('some tests run alone, and all run when none of them is found', async () => {
    const services = { sandbox: bench.sandbox, redact };
    const alone = await runTests(services, id, check('node --test'), ['a.test.js > adds']);
    expect(alone.tests?.map(({ id: of }) => of)).toEqual(['a.test.js > adds', 'a.test.js > was red']);
    const all = await runTests(services, id, check('node --test'), ['gone.test.js > x']);
    expect(all.tests).toHaveLength(3);
  });

  test('reports in the workspace count only if this run wrote them', async () => {
    expect(lines((await run(check('./mvnw test'))).tests)).toEqual(['passed a.B > ok']);
    const broken = await run(check('./mvnw test', { cwd: 'quiet' }));
    expect(broken).toMatchObject({ exit_code: 1, reader: 'Surefire', output: 'no compiler\n' });
    expect(broken.tests).toBeUndefined();
  });

  test('printed results of an unknown command are read; others have none', async () => {
    expect(lines((await run(check('make test', { cwd: 'plain' }))).tests)).toEqual(['passed a', 'failed b']);
    const plain = await run(check('echo fine'));
    expect(plain).toEqual({
      exit_code: 0,
      output: 'fine\n',
      duration_ms: expect.any(Number),
      reader: null,
      too_long: false,
    });
  });

  test('a check that takes too long ends, with the tests that had ended', async () => {
    const result = await run(check("printf '1..3\\nok 1 - a\\n'; sleep 60", { timeoutMs: 1500 }));
    expect(result).toMatchObject({
      exit_code: null,
      too_long: true,
      incomplete: 'The check was ended after 2 s.',
      tests: [{ id: 'a', outcome: 'passed' }],
    });
    expect(result.output).toMatch(/\(ended after 2 s\)$/);
  });

  test('output with NUL and half characters can be stored', async () => {
    const { output } = await run(check(`printf 'a\\000b'; node -e "console.log('x'+'\\u{1F680}'.repeat(9000))"`));
    expect(output.startsWith('a\uFFFDbx')).toBe(true);
    expect(output.isWellFormed()).toBe(true);
    expect(output.length).toBeLessThan(15_000);
  });

  test.each(doubled)('$name: what a survey finds sets up and gives its tests', async ({ files, tests }) => {
    const folder = `doubles-${++counter}`;
    for (const [name, text] of Object.entries(files))
      await bench.sandbox.writeFile(id, `${folder}/${name}`, Buffer.from(text));
    const { roots } = await find(files);
    const onPath = (command: string) => `export PATH="$PWD/tools:$PATH"; ${command}`;
    const setup = [
      `chmod +x ${folder}/tools/*`,
      ...(roots[0]?.setup ?? []).map(({ command }) => fromTop(folder, onPath(command))),
    ];
    for (const command of setup) expect(await bench.sh(id, command)).toMatchObject({ exit_code: 0, output: '' });
    const result = await run(check(onPath(roots[0]?.checks[0]?.command ?? ''), { cwd: folder }));
    expect([result.exit_code, lines(result.tests), result.incomplete]).toEqual([1, tests, undefined]);
  });

  test('pytest runs with a report where it is installed', async () => {
    await bench.sh(id, "printf 'def test_ok(): pass\\ndef test_no(): assert 0\\n' > test_py.py");
    const there = await bench.sh(id, 'python3 -m pytest --version');
    const result = await run(check('python3 -m pytest -q test_py.py'));
    expect(result.reader).toBe('pytest');
    expect(lines(result.tests)).toEqual(
      there.exit_code === 0 ? ['passed test_py.py > test_ok', 'failed test_py.py > test_no'] : undefined,
    );
    await bench.sh(id, 'rm test_py.py');
  });
});
