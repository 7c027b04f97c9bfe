import { completionGaps, type CompletionFacts, type Gap } from '#workflows/domain/agent/completion.ts';
import { exitCodeProblem } from '#workflows/domain/agent/evidence-command.ts';
import { codes, criterion, facts, node, patch, ran } from './support/completion-facts.ts';

describe('an honest completion passes', () => {
  // Recorded from the runners themselves, shortened.
  test.each([
    ['node --test, TAP', 'node --test', node],
    [
      'node --test, spec',
      'npm test',
      '> small@1.0.0 test\n> node --test\n\n✔ sums (0.6ms)\nℹ tests 1\nℹ suites 0\nℹ pass 1\nℹ fail 0\nℹ skipped 0\n',
    ],
    [
      'jest',
      'npx jest src/cart',
      'PASS src/cart.test.js\n  ✓ adds (2 ms)\n\nTest Suites: 1 passed, 1 total\nTests:       1 skipped, 3 passed, 4 total\nSnapshots:   0 total\n',
    ],
    [
      'vitest',
      'npx vitest run',
      ' ✓ src/cart.test.ts (2)\n\n Test Files  1 passed (1)\n      Tests  2 passed (2)\n   Duration  310ms\n',
    ],
    ['mocha', 'npx mocha', '\n  cart\n    ✔ adds\n\n\n  1 passing (4ms)\n'],
    [
      'pytest',
      'python3 -m pytest -q',
      '..s                                                       [100%]\n2 passed, 1 skipped in 0.02s\n',
    ],
    [
      'unittest',
      'python -m unittest',
      '...\n----------------------------------------------------------------------\nRan 3 tests in 0.001s\n\nOK\n',
    ],
    [
      'go, several packages',
      'go test ./...',
      'ok  \texample.com/cart\t0.003s\n?   \texample.com/cart/cmd\t[no test files]\n',
    ],
    ['go, cached', 'go test ./cart', 'ok  \texample.com/cart\t(cached)\n'],
    [
      'cargo',
      'cargo test',
      'running 2 tests\ntest cart::adds ... ok\n\ntest result: ok. 2 passed; 0 failed; 0 ignored\n\n   Doc-tests cart\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed\n',
    ],
    ['make, without a count', 'make check', 'checking cart... good\nall good\n'],
    ['rspec', 'bundle exec rspec', '...\n\nFinished in 0.01 seconds\n3 examples, 0 failures\n'],
    ['phpunit', 'vendor/bin/phpunit', 'OK (3 tests, 5 assertions)\n'],
    ['maven', 'mvn -q test', '[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0\n'],
    ['a script of the project', './scripts/verify.sh', ''],
    ['a look into a file', 'grep -q "2 \\* n" src/double.js', ''],
    ['a program fed by a pipe', 'echo \'{"n":2}\' | node src/cli.js | grep -q 4', ''],
    ['two checks joined', 'cd api && npm run lint && npm test', node],
    ['a pipe that keeps the exit code', 'set -o pipefail; npm test 2>&1 | tail -20', node],
    ['a loop that stops at a failure', 'for f in test/*.js; do node "$f" || exit 1; done', ''],
    [
      'a test that fails where it should',
      '(cd copy && rm src/double.js && ! node --test)',
      '# tests 1\n# pass 0\n# fail 1\n',
    ],
    ['a here-document before the check', "cat > /tmp/in.txt <<'EOF'\na || true; b | tail\nEOF\nnode --test", node],
  ])('%s', (_name, command, output) => {
    expect(
      completionGaps(
        facts({
          evidence: [{ criterion_id: 'AC-1', command, exit_code: 0 }],
          commands: [ran({ command, output: `exit 0 · 1.2 s · cwd .\n${output}` })],
        }),
      ),
    ).toEqual([]);
  });

  test('a check that writes files itself, tests that moved, a renamed test, a skip that was there', () => {
    expect(
      codes({
        commands: [ran({ command: 'npm test', tree_before: 'other' })],
        evidence: [{ criterion_id: 'AC-1', command: 'npm test' }],
      }),
    ).toEqual([]);
    const moved =
      patch('test/old.test.js', ["-test('adds', () => {});", '-'], 'deleted') +
      patch('test/cart/new.test.js', ["+test('adds', () => {});"], 'new');
    expect(codes({ patch: moved })).toEqual([]);
    expect(
      codes({
        patch: patch('test/cart.test.js', ["-test('adds', () => {});", "+test('adds two numbers', () => {});"]),
      }),
    ).toEqual([]);
    expect(
      codes({
        patch: patch('test/cart.test.js', ["-test.skip('adds', () => {});", "+test.skip('adds', async () => {});"]),
      }),
    ).toEqual([]);
    expect(codes({ patch: patch('docs/tests.md', ['+Use it.skip to skip a test.', '+======='], 'new') })).toEqual([]);
    expect(
      codes({
        patch: patch('package.json', ['-    "test": "node --test"', '+    "test": "node --test && npm run lint"']),
      }),
    ).toEqual([]);
  });

  test('a whole suite without a criterion speaks for all, and a task without criteria needs a run alone', () => {
    expect(codes({ evidence: [{ command: 'node --test' }] })).toEqual([]);
    expect(codes({ criteria: [], evidence: undefined })).toEqual([]);
    expect(codes({ criteria: [], evidence: undefined, changes_expected: false, tree: 'base', commands: [] })).toEqual(
      [],
    );
  });
});

describe('a false completion is caught', () => {
  test.each<[string, Partial<CompletionFacts>, Gap['code'][]]>([
    ['nothing run', { commands: [] }, ['nothing_run', 'not_run', 'unproven']],
    ['nothing run, nothing said', { commands: [], evidence: [] }, ['nothing_run', 'unproven']],
    ['nothing changed', { tree: 'base', commands: [ran({ tree_before: 'base', tree_after: 'base' })] }, ['no_change']],
    ['prose', { evidence: undefined }, ['unproven']],
    [
      'a stale run',
      { commands: [ran({ tree_after: 'before the last change' })] },
      ['nothing_run', 'stale', 'unproven'],
    ],
    [
      'the command that wrote the file',
      { commands: [ran({ command: 'cat > src/double.js < /tmp/x', output: 'exit 0', tree_before: 'other' })] },
      ['nothing_run', 'stale', 'unproven'],
    ],
    ['a failing command', { commands: [ran({ exit_code: 1 })] }, ['nothing_run', 'failed', 'unproven']],
    ['a command that never ended', { commands: [ran({ exit_code: null })] }, ['nothing_run', 'failed', 'unproven']],
    [
      'a run of another agent',
      { evidence: [{ criterion_id: 'AC-1', tool_use_id: 'toolu_of_another_attempt', command: 'npm run check' }] },
      ['not_run', 'unproven'],
    ],
    ['another criterion', { evidence: [{ criterion_id: 'AC-2', command: 'node --test' }] }, ['unproven']],
  ])('%s', (_name, more, expected) => {
    expect(codes(more)).toEqual(expected);
  });

  test.each([
    ['node, TAP', '1..0\n# tests 0\n# pass 0\n# fail 0\n'],
    ['node, spec', 'ℹ tests 0\nℹ pass 0\n'],
    ['node, all skipped', 'ℹ tests 2\nℹ pass 0\nℹ skipped 2\n'],
    ['jest', 'No tests found, exiting with code 0\n'],
    ['jest, all skipped', 'Test Suites: 1 skipped, 0 of 1 total\nTests:       2 skipped, 2 total\n'],
    ['vitest', 'No test files found, exiting with code 0\n'],
    ['mocha', '\n\n  0 passing (1ms)\n'],
    ['pytest', 'no tests ran in 0.00s\n'],
    ['pytest, all skipped', 'ss\n2 skipped in 0.01s\n'],
    ['unittest', 'Ran 0 tests in 0.000s\n\nOK\n'],
    ['go', 'testing: warning: no tests to run\nPASS\nok  \texample.com/cart\t0.002s [no tests to run]\n'],
    ['go, no files', '?   \texample.com/cart\t[no test files]\n'],
    ['cargo', 'running 0 tests\n\ntest result: ok. 0 passed; 0 failed\n'],
    ['rspec', '0 examples, 0 failures\n'],
    ['maven', 'Tests run: 0, Failures: 0\n'],
  ])('no test ran: %s', (_name, output) => {
    expect(codes({ commands: [ran({ output: `exit 0 · 1.2 s · cwd .\n${output}` })] })).toEqual([
      'nothing_run',
      'no_tests',
      'unproven',
    ]);
  });

  test.each([
    'npm test || true',
    'npm test || :',
    'npm test || exit 0',
    'npm test || echo failed',
    'bash -c "npm test || true"',
    'npm test; true',
    'npm test; echo "exit $?"',
    'npm test; exit 0',
    'npm test\necho done',
    'npm test 2>&1 | tail -20',
    'npm test | tee out.txt',
    'pytest | grep passed',
    'npm test &',
    'npm test & wait',
    '! npm test',
    'if npm test; then echo ok; else echo no; fi',
    "trap 'exit 0' EXIT; npm test",
    'npm test; npm run lint',
    'echo "all tests pass"',
    'true',
    'exit 0',
    'sleep 1',
    'cd api && echo pass',
    'git status',
    'git add -A && git commit -m done',
    'for f in test/*.js; do node --test $f; done',
    '# npm test',
    'npm test || cat npm-debug.log',
  ])('an exit code that says nothing: %s', (command) => {
    expect(exitCodeProblem(command)).toBeDefined();
    expect(codes({ evidence: [{ criterion_id: 'AC-1', command }], commands: [ran({ command })] })).toEqual([
      'nothing_run',
      'masked',
      'unproven',
    ]);
  });

  test.each<[string, string, Gap['code']]>([
    ['a deleted test file', patch('test/cart.test.js', ["-test('adds', () => {});"], 'deleted'), 'test_removed'],
    ['a test taken out', patch('src/cart.spec.ts', ["-it('adds', () => {", '-});']), 'test_removed'],
    [
      'a test commented out',
      patch('test/cart.test.js', ["-test('adds', () => {});", "+// test('adds', () => {});"]),
      'test_removed',
    ],
    [
      'one file more does not make up for it',
      patch('test/cart.test.js', ["-test('adds', () => {});"]) +
        patch('test/other.test.js', ["+test('is fine', () => {});"], 'new'),
      'test_removed',
    ],
    ['a Python test', patch('tests/test_cart.py', ['-def test_adds():', '-    assert add(1, 2) == 3']), 'test_removed'],
    ['a Go test', patch('cart_test.go', ['-func TestAdds(t *testing.T) {']), 'test_removed'],
    ['a Rust test', patch('tests/cart.rs', ['-#[test]', '-fn adds() {']), 'test_removed'],
    ...(
      [
        ['test/a.test.js', "test.skip('adds', () => {});"],
        ['test/a.test.js', "it.skip('adds', () => {});"],
        ['test/a.test.js', "xit('adds', () => {});"],
        ['test/a.test.js', "describe.only('cart', () => {});"],
        ['test/a.test.js', "fit('adds', () => {});"],
        ['test/a.test.js', "test.todo('adds');"],
        ['test/a.test.js', "test('adds', { skip: true }, () => {});"],
        ['test/a.test.js', "test('adds', { skip: 'flaky' }, () => {});"],
        ['test/a.test.js', '  t.skip();'],
        ['tests/test_a.py', '@pytest.mark.skip(reason="later")'],
        ['tests/test_a.py', '@pytest.mark.xfail'],
        ['tests/test_a.py', "@unittest.skipIf(True, 'later')"],
        ['tests/test_a.py', '    pytest.skip("later")'],
        ['a_test.go', '\tt.Skip("later")'],
        ['tests/a.rs', '#[ignore = "later"]'],
        ['src/test/java/CartTest.java', '@Disabled("later")'],
        ['spec/cart_spec.rb', 'xit "adds" do'],
        ['tests/CartTest.php', '$this->markTestSkipped("later");'],
        ['tests/CartTests.cs', '[Fact(Skip = "later")]'],
      ] as const
    ).map(([path, line]): [string, string, Gap['code']] => [
      `a skip: ${line.trim()}`,
      patch(path, [`+${line}`]),
      'test_skipped',
    ]),
    [
      'a conflict left standing',
      patch('src/cart.js', ['+<<<<<<< HEAD', '+const a = 1;', '+=======', '+const a = 2;', '+>>>>>>> task/b']),
      'conflict_marker',
    ],
    [
      'a check script that cannot fail',
      patch('package.json', ['-    "test": "node --test"', '+    "test": "node --test || true",']),
      'check_weakened',
    ],
    [
      'a check script that checks nothing',
      patch('package.json', ['-    "test": "node --test"', '+    "test": "echo ok"']),
      'check_weakened',
    ],
  ])('%s', (_name, text, expected) => {
    expect(codes({ patch: text })).toEqual([expected]);
  });

  test('all of it at once, each gap once', () => {
    const all =
      patch('test/cart.test.js', ["-test('adds', () => {});", '-']) +
      patch('test/b.test.js', ["+xit('b', () => {});"], 'new') +
      patch('src/cart.js', ['+<<<<<<< HEAD']);
    const evidence = [
      { criterion_id: 'AC-1', command: 'npm test || true' },
      { criterion_id: 'AC-2', command: 'npm run e2e' },
      { criterion_id: 'AC-2', command: 'npm run e2e' },
    ];
    const found = codes({
      criteria: [criterion, { id: 'AC-2', text: 'the page shows it' }],
      evidence,
      commands: [ran({ command: 'npm test || true' })],
      patch: all,
    });
    expect([...found].sort()).toEqual([
      'conflict_marker',
      'masked',
      'not_run',
      'nothing_run',
      'test_removed',
      'test_skipped',
      'unproven',
      'unproven',
    ]);
  });
});
