import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readTests, reportReaders } from '#activities/survey/reports/index.ts';

const recorded = (name: string) => readFileSync(path.join(import.meta.dirname, 'recorded', name), 'utf8');

function read(name: string, { file, output = '' }: { file?: string; output?: string }, folder = '/project') {
  const reader = reportReaders.find((each) => each.name === name);
  if (!reader) throw new Error(`The table has no reader ${name}.`);
  return readTests(reader, { output, files: new Map(file === undefined ? [] : [['/tmp/report', file]]) }, folder);
}
const lines = (result: ReturnType<typeof read>) => result.tests?.map(({ id, outcome }) => `${outcome} ${id}`);

describe('reports that real runners wrote', () => {
  test('pytest: parameters, classes, expected failures and errors of fixtures', () => {
    expect(lines(read('pytest', { file: recorded('pytest.xml') }))).toEqual([
      'passed tests/sub/test_b.py > test_one',
      'passed tests/test_a.py > test_ok',
      'failed tests/test_a.py > test_bad',
      'skipped tests/test_a.py > test_skip',
      'passed tests/test_a.py > test_param[1]',
      'failed tests/test_a.py > test_param[2]',
      'passed tests/test_a.py > test_param[a b[c]]',
      'skipped tests/test_a.py > test_x',
      'passed tests/test_a.py > TestA > test_in',
      'failed tests/test_a.py > test_err',
      'failed tests/test_a.py > test_teardown',
    ]);
  });

  test('Jest: paths from the root, equal names numbered, a file that cannot be loaded', () => {
    expect(lines(read('jest', { file: recorded('jest.json') }, '/tmp/rec/js/jest'))?.toSorted()).toEqual([
      'failed a.test.js > bad',
      'failed a.test.js > outer > inner > each 2',
      'failed b.test.js',
      'passed a.test.js > ok',
      'passed a.test.js > outer > inner > each 1',
      'passed a.test.js > outer > inner > same',
      'passed a.test.js > outer > inner > same (2)',
      'skipped a.test.js > later',
      'skipped a.test.js > skipped',
    ]);
  });

  test('Vitest', () => {
    expect(lines(read('vitest', { file: recorded('vitest.xml') }))).toEqual([
      'passed a.test.js > ok',
      'failed a.test.js > bad',
      'skipped a.test.js > skipped',
      'skipped a.test.js > later',
      'passed a.test.js > outer > inner > each 1',
      'failed a.test.js > outer > inner > each 2',
      'passed a.test.js > outer > inner > same',
      'passed a.test.js > outer > inner > same (2)',
      'failed b.test.js',
    ]);
  });

  test('Mocha: a failed hook counts as its suite, and people read the failures', () => {
    const result = read('mocha', { file: recorded('mocha.json') }, '/tmp/rec/js');
    expect(lines(result)).toEqual([
      'passed mocha/a.js > ok',
      'passed mocha/a.js > outer inner deep',
      'passed mocha/a.js > outer inner same',
      'passed mocha/a.js > outer inner same (2)',
      'failed mocha/a.js > bad',
      'failed mocha/a.js > hooked',
      'skipped mocha/a.js > skipped',
    ]);
    expect(result.output).toContain('4 passing, 2 failing, 1 pending\n\nbad\nAssertionError');
    // An older Mocha prints the report.
    expect(read('mocha', { output: `> test\n\n${recorded('mocha.json')}` }, '/tmp/rec/js').tests).toEqual(result.tests);
  });

  test('node --test', () => {
    expect(lines(read('node --test', { file: recorded('node.jsonl') }, '/tmp/rec/nt'))).toEqual([
      'failed bad.test.js',
      'passed node.test.js > adds',
      'failed node.test.js > fails',
      'skipped node.test.js > skipped',
      'skipped node.test.js > later',
      'passed node.test.js > group > inner',
      'passed node.test.js > group > inner (2)',
      'failed node.test.js > group > bad # of > things',
      'passed node.test.js > parent > child',
      'passed node.test.js > parent',
      'failed node.test.js > hooked > never',
      'failed node.test.js > hooked',
    ]);
  });

  test('go test -json: subtests, a panic, a package that cannot be built; people read plain text', () => {
    const result = read('go test', { output: recorded('go.json.txt') });
    expect(lines(result)).toEqual([
      'passed example.com/m > TestOk',
      'failed example.com/m > TestBad',
      'skipped example.com/m > TestSkip',
      'passed example.com/m > TestTable/a_b',
      'passed example.com/m > TestTable/same',
      'failed example.com/m > TestTable/same#01',
      'failed example.com/m > TestTable',
      'passed example.com/m/pan > TestFirst',
      'failed example.com/m/pkg',
      'failed example.com/m/pan > TestPanic',
    ]);
    expect(result.output).toContain('    a_test.go:4: no\n--- FAIL: TestBad (0.00s)\n');
    expect(result.output).not.toMatch(/"Action"|=== RUN/);
  });

  test('cargo test: unit tests, integration tests and examples of the documentation', () => {
    expect(lines(read('cargo test', { output: recorded('cargo.txt') }))).toEqual([
      'passed src/lib.rs > tests::ok',
      'passed src/lib.rs > tests::panics',
      'skipped src/lib.rs > tests::skipped',
      'failed src/lib.rs > tests::bad',
      'passed tests/it.rs > it_works',
      'passed doc m > src/lib.rs - add',
    ]);
  });

  test('Surefire', () => {
    expect(lines(read('Surefire', { file: recorded('surefire.xml') }))).toEqual([
      'passed m.CalcTest > ok',
      'failed m.CalcTest > bad',
      'passed m.CalcTest > param(int)[1]',
      'failed m.CalcTest > param(int)[2]',
      'skipped m.CalcTest > skipped',
    ]);
  });

  test('unittest: descriptions, output between name and outcome, subtests, a class that cannot be set up', () => {
    expect(lines(read('unittest', { output: recorded('unittest.txt') }))).toEqual([
      'failed utest.A > test_bad',
      'passed utest.A > test_ok',
      'passed utest.A > test_plain',
      'skipped utest.A > test_skip',
      'failed utest.A > test_sub',
      'passed utest.A > test_x',
      'failed utest.B',
    ]);
  });

  test('ctest', () => {
    expect(lines(read('ctest', { output: recorded('ctest.txt') }))).toEqual([
      'passed good',
      'failed bad',
      'failed with',
      'failed gone',
    ]);
  });

  test('TAP: nested tests, escaped names, skipped and to do', () => {
    const found = lines(read('TAP', { output: recorded('node.tap') }));
    expect(found).toEqual(
      expect.arrayContaining([
        'passed adds',
        'failed fails',
        'skipped skipped',
        'skipped later',
        'passed group > inner (2)',
        'failed group > bad # of > things',
        'passed parent > child',
      ]),
    );
  });
});

/** Written after the formats that the runners document: these runners are not on the machine of this repository. */
describe('reports by their documented formats', () => {
  const junit = (inner: string) =>
    `<?xml version="1.0"?><testsuites><testsuite name="s">${inner}</testsuite></testsuites>`;

  test('PHPUnit, Gradle and bun', () => {
    const php = junit(
      '<testsuite name="T"><testcase name="testA with data set #0" class="T" classname="T" file="/project/tests/T.php" line="3"/><testcase name="testB" file="/project/tests/T.php"><error/></testcase></testsuite>',
    );
    expect(lines(read('PHPUnit', { file: php }))).toEqual([
      'passed tests/T.php > testA with data set #0',
      'failed tests/T.php > testB',
    ]);
    const gradle =
      '<testsuite name="a.B"><testcase name="ok()" classname="a.B"/><testcase name="no()" classname="a.B"><failure/></testcase></testsuite>';
    expect(lines(read('Gradle', { file: gradle }))).toEqual(['passed a.B > ok', 'failed a.B > no']);
    const bun = junit('<testcase name="adds" classname="math" file="a.test.ts"/>');
    expect(lines(read('bun test', { file: bun }))).toEqual(['passed a.test.ts > math > adds']);
  });

  test('RSpec', () => {
    const example = (name: string, status: string) => ({
      full_description: name,
      file_path: './spec/a_spec.rb',
      status,
    });
    const file = JSON.stringify({
      examples: [example('A adds', 'passed'), example('A no', 'failed'), example('A p', 'pending')],
    });
    expect(lines(read('RSpec', { file }))).toEqual([
      'passed spec/a_spec.rb > A adds',
      'failed spec/a_spec.rb > A no',
      'skipped spec/a_spec.rb > A p',
    ]);
    const broken = JSON.stringify({ examples: [], summary: { errors_outside_of_examples_count: 1 } });
    expect(read('RSpec', { file: broken }).tests).toBeUndefined();
  });

  test('minitest', () => {
    const output =
      'CalcTest#test_adds = 0.00 s = .\nCalcTest#test_no = 0.01 s = F\n\n2 runs, 2 assertions, 1 failures, 0 errors, 0 skips\n';
    expect(lines(read('minitest', { output }))).toEqual(['passed CalcTest > test_adds', 'failed CalcTest > test_no']);
  });

  test('dotnet test', () => {
    const file = `<?xml version="1.0"?><TestRun><Results><UnitTestResult testId="1" testName="N.C.Adds" outcome="Passed"/><UnitTestResult testId="2" testName="N.C.No(x: 1)" outcome="Failed"/></Results>
<TestDefinitions><UnitTest id="1"><TestMethod className="N.C" name="Adds"/></UnitTest><UnitTest id="2"><TestMethod className="N.C" name="No"/></UnitTest></TestDefinitions></TestRun>`;
    expect(lines(read('dotnet test', { file }))).toEqual(['passed N.C > Adds', 'failed N.C > No(x: 1)']);
  });
});

describe('reports that are not whole', () => {
  test('a cut report is read as far as it goes, and says so', () => {
    for (const [name, file] of [
      ['pytest', recorded('pytest.xml').slice(0, 900)],
      ['vitest', recorded('vitest.xml').slice(0, 900)],
      ['node --test', recorded('node.jsonl').slice(0, 400)],
    ] as const) {
      const result = read(name, { file });
      expect(result.tests?.length).toBeGreaterThan(0);
      expect(result.incomplete).toMatch(/ended before it/);
    }
    const cut = (name: string, text: string) => read(name, { output: text.slice(0, text.length / 2) });
    expect(cut('go test', recorded('go.json.txt')).incomplete).toBe('Some tests started and did not end.');
    expect(cut('unittest', recorded('unittest.txt').slice(0, 400)).incomplete).toMatch(/ended before/);
    expect(read('cargo test', { output: 'running 3 tests\ntest a ... ok\ntest b ... ' }).incomplete).toBe(
      '2 tests started and did not end.',
    );
    expect(read('TAP', { output: 'TAP version 13\n1..3\nok 1 - a\n' }).incomplete).toMatch(/all planned tests/);
    expect(read('pytest', { file: recorded('pytest.xml') }).incomplete).toBeUndefined();
    expect(read('vitest', { file: recorded('vitest.xml') }).incomplete).toBeUndefined();
  });

  test('an absent, empty or foreign report has no tests', () => {
    for (const { name } of reportReaders) {
      expect(read(name, { output: 'sh: 1: not found' }).tests).toBeUndefined();
      expect(read(name, { file: '' }).tests).toBeUndefined();
      expect(read(name, { file: '<html>no</html>' }).tests).toBeUndefined();
    }
  });

  test('entities of a document type are never expanded', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><testsuites><testsuite><testcase name="&b;"/></testsuite></testsuites>`;
    expect(read('vitest', { file: bomb }).tests).toBeUndefined();
    const plain = '<testsuite><testcase classname="a" name="x &lt; y &amp; &#122;"/></testsuite>';
    expect(lines(read('vitest', { file: plain }))).toEqual(['passed a > x < y & z']);
  });
});

test('an id has no folder, temporary name or address, and keeps its number when the order changes', () => {
  const found = (folder: string, outcomes: string[]) => {
    const one = (outcome: string) =>
      `<testcase classname="${folder}/a.test.js" name="at 0x7fdeadbeef in /tmp/x-${folder.length}/y">${outcome}</testcase>`;
    return lines(read('vitest', { file: `<testsuite>${outcomes.map(one).join('')}</testsuite>` }, folder));
  };
  const expected = ['passed a.test.js > at 0x* in /tmp/*', 'failed a.test.js > at 0x* in /tmp/* (2)'];
  expect(found('/workspace', ['', '<failure/>'])).toEqual(expected);
  expect(found('/data/other', ['<failure/>', ''])).toEqual(expected);
});
