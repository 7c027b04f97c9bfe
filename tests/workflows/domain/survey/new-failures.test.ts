import fc from 'fast-check';
import { judgeCheck, type CheckFacts, type CheckRecord, type CheckRun } from '#workflows/domain/survey/new-failures.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';

/** `+a` passed, `-a` failed, `/a` skipped. */
const tests = (text: string): TestResult[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => ({
      id: word.slice(1),
      outcome: word.startsWith('+') ? 'passed' : word.startsWith('-') ? 'failed' : 'skipped',
    }));
const run = (text: string, exit_code: number | null = text.includes('-') ? 1 : 0): CheckRun => ({
  exit_code,
  tests: tests(text),
});
const unreadable = (exit_code: number | null): CheckRun => ({ exit_code });
const recordOf = ({ exit_code, tests: all }: CheckRun, flaky: string[] = []): CheckRecord => ({
  exit_code,
  ...(all ? { ran: all.filter(({ outcome }) => outcome !== 'skipped').map(({ id }) => id) } : {}),
  failing: (all ?? []).filter(({ outcome }) => outcome === 'failed').map(({ id }) => id),
  flaky,
});
const record = (text: string, exit_code?: number, flaky?: string[]) => recordOf(run(text, exit_code), flaky);

/** Answers what is asked for, and gives the asked runs with the verdict. */
function judge(facts: CheckFacts) {
  const asked: string[] = [];
  const known: CheckFacts = { ...facts, again: undefined, base: undefined };
  for (;;) {
    const answer = judgeCheck(known);
    if ('verdict' in answer) return { ...answer, asked };
    asked.push([answer.needs, ...answer.tests].join(' '));
    if (asked.length > 2) throw new Error(`It asks without end: ${asked.join(', ')}`);
    known[answer.needs] = facts[answer.needs] ?? facts.work;
  }
}

describe('a check whose tests can be read', () => {
  test('all tests pass: nothing else is run', () => {
    expect(judge({ record: record('+a +b'), work: run('+a +b +c') })).toMatchObject({
      verdict: 'passed',
      reason: 'All tests pass.',
      asked: [],
    });
  });

  test('a test that failed before is not held against the work', () => {
    expect(judge({ record: record('-old +a'), work: run('-old +a +new') })).toMatchObject({
      verdict: 'passed',
      old_failures: ['old'],
      reason: '1 test failed before and still fails: old.',
      asked: [],
    });
  });

  test('an unknown failure runs again on the work and then at the base: flaky, old or new', () => {
    const facts = { record: record('+a +b +c'), work: run('-a -b -c') };
    expect(judge({ ...facts, again: run('+a -b -c'), base: run('-b +c') })).toMatchObject({
      verdict: 'failed',
      new_failures: ['c'],
      old_failures: ['b'],
      flaky: ['a'],
      asked: ['again a b c', 'base b c'],
      reason: '1 new failure: c. 1 test failed before and still fails: b. 1 test is flaky: a.',
    });
    expect(judge({ ...facts, again: run('+a +b +c') })).toMatchObject({ verdict: 'passed', asked: ['again a b c'] });
  });

  test('a failing test that the base does not have is new, and a recorded flaky one is not', () => {
    const facts = { record: record('+a +x', 0, ['x']), work: run('+a -x -added') };
    expect(judge({ ...facts, again: run('-added'), base: run('+a +x') })).toMatchObject({
      verdict: 'failed',
      new_failures: ['added'],
      flaky: ['x'],
    });
    expect(judge({ record: record('+a +x', 0, ['x']), work: run('+a -x') })).toMatchObject({
      verdict: 'passed',
      asked: [],
    });
  });

  test('a test that no longer runs needs a reason; a skipped one counts as gone', () => {
    const facts = { record: record('+a +b +c'), work: run('+a /b'), base: run('+a +b +c') };
    expect(judge(facts)).toMatchObject({
      verdict: 'failed',
      gone: ['b', 'c'],
      asked: ['base b c'],
      reason:
        '2 tests of the base no longer run: b; c. Put them back, or name each one with its reason in removed_tests.',
    });
    expect(judge({ ...facts, removed_tests: 'The feature of b and c is removed.' })).toMatchObject({
      verdict: 'passed',
      gone: [],
    });
    expect(judge({ ...facts, removed_tests: 'The feature of b is removed, and bc.' })).toMatchObject({ gone: ['c'] });
    expect(judge({ ...facts, removed_tests: 'The feature is removed.' })).toMatchObject({ gone: ['b', 'c'] });
    // The record is older than the task's base, which has not got them either.
    expect(judge({ ...facts, base: run('+a') })).toMatchObject({ verdict: 'passed' });
  });

  test.each<[string, string, boolean]>([
    ['src/cart.test.ts > adds an item', 'It removes "adds an item".', true],
    ['src/cart.test.ts > adds an item', 'cart.test.ts tested the old cart.', true],
    ['src/cart.test.ts > adds an item', 'The cart is gone.', true],
    ['src/cart.test.ts > adds an item', 'Carts are gone, and so are the items.', false],
    ['org.example.CartTest > adds', 'The cart is gone, and CartTest with it.', true],
    ['test/a.test.js > sums > (2) + [x]', 'sums are no longer needed', true],
    ['test/a.test.js > sums > (2) + [x]', 'no (2) + [x] any more', true],
    ['tests/test_words.py > TestWords > test_plain', 'test_plain_words', false],
  ])('%s is excused by "%s": %s', (id, removed_tests, excused) => {
    const ran = (ids: string[]): CheckRun => ({
      exit_code: 0,
      tests: ids.map((one) => ({ id: one, outcome: 'passed' })),
    });
    const both = ran([id, 'other']);
    const { gone } = judge({ record: recordOf(both), work: ran(['other']), base: both, removed_tests });
    expect(gone).toEqual(excused ? [] : [id]);
  });

  test('a file that could not be loaded at the base is replaced by its tests', () => {
    expect(judge({ record: record('+a -b.js'), work: run('+a +b.js.ok', 0) })).toMatchObject({
      verdict: 'passed',
      asked: [],
    });
    expect(judge({ record: record('+a -b.js'), work: run('+a'), base: run('+a -b.js') })).toMatchObject({
      verdict: 'failed',
      gone: ['b.js'],
    });
  });

  test('a run that was cut says so beside the tests that are missing', () => {
    const work = { ...run('+a', null), incomplete: 'The check was ended after 600 s.' };
    expect(judge({ record: record('+a +b'), work, base: run('+a +b') }).reason).toContain('ended after 600 s');
  });

  test('an exit code that the tests do not explain is a failure of the check itself', () => {
    const facts = { record: record('+a'), work: run('+a', 2) };
    expect(judge({ ...facts, base: run('+a') })).toMatchObject({
      verdict: 'failed',
      check_fails: true,
      asked: ['again', 'base'],
      reason: 'All tests that passed before pass, but the check itself fails (exit code 2) and did not at the base.',
    });
    expect(judge({ ...facts, again: run('+a') })).toMatchObject({ verdict: 'passed', asked: ['again'] });
    expect(judge({ record: record('+a', 2), work: run('+a', 2), base: run('+a', 2) }).verdict).toBe('passed');
    expect(judge({ record: record('+a -b'), work: run('+a +b', 2), base: run('+a -b') }).verdict).toBe('unverified');
  });

  test('without a record the task’s own base decides', () => {
    expect(judge({ work: run('-a +b'), base: run('-a +b') })).toMatchObject({ verdict: 'passed', old_failures: ['a'] });
    expect(judge({ work: run('-a +b'), base: run('+a +b') })).toMatchObject({ verdict: 'failed', new_failures: ['a'] });
    expect(judge({ work: run('-a +b'), base: unreadable(1) })).toMatchObject({
      verdict: 'unverified',
      new_failures: [],
    });
  });

  test('a reason names a few tests and counts the others', () => {
    const many = Array.from({ length: 3000 }, (_, i) => `-${'x'.repeat(400)}${i}`).join(' ');
    const { reason, new_failures } = judge({ record: record('+a'), work: run(`+a ${many}`), base: run('+a') });
    expect(new_failures).toHaveLength(3000);
    expect(reason).toMatch(/^3000 new failures: x.*; and 2995 more\.$/);
    expect(reason.length).toBeLessThan(1000);
  });
});

describe('a check that ends before it runs a test', () => {
  const facts = { record: record('+a'), work: unreadable(1) };

  test('fails when tests run at the base', () => {
    expect(judge({ ...facts, base: run('+a') })).toMatchObject({
      verdict: 'failed',
      check_fails: true,
      asked: ['again', 'base'],
      reason: "The check ends before it runs a test (exit code 1), and did not at the task's base.",
    });
    // A script that runs nothing is green and proves nothing.
    expect(judge({ record: record('+a'), work: unreadable(0), base: run('+a') }).verdict).toBe('failed');
  });

  test('is judged by its tests when they run again, and proves nothing when the base breaks too', () => {
    expect(judge({ ...facts, again: run('+a') })).toMatchObject({ verdict: 'passed', asked: ['again'] });
    expect(judge({ ...facts, again: run('-a'), base: run('+a') }).verdict).toBe('failed');
    expect(judge({ ...facts, base: unreadable(1) }).verdict).toBe('unverified');
  });
});

describe('a check without readable tests counts as one', () => {
  const green = recordOf(unreadable(0));
  const red = recordOf(unreadable(1));

  test('green at the base it must stay green', () => {
    expect(judge({ record: green, work: unreadable(0) })).toMatchObject({ verdict: 'passed', asked: [] });
    expect(judge({ record: green, work: unreadable(1), base: unreadable(0) })).toMatchObject({
      verdict: 'failed',
      reason: "The check fails (exit code 1), and did not at the task's base.",
    });
    expect(judge({ record: green, work: unreadable(1), again: unreadable(0) })).toMatchObject({
      verdict: 'passed',
      flaky: ['the check itself'],
    });
    expect(judge({ record: green, work: unreadable(null), base: unreadable(1) }).verdict).toBe('unverified');
  });

  test('red at the base it proves nothing, whatever its exit code is', () => {
    for (const code of [0, 1, null])
      expect(judge({ record: red, work: unreadable(code) })).toMatchObject({ verdict: 'unverified', asked: [] });
    expect(judge({ work: unreadable(0), base: unreadable(1) })).toMatchObject({
      verdict: 'unverified',
      asked: ['base'],
    });
    expect(judge({ work: unreadable(0), base: unreadable(0) }).verdict).toBe('passed');
  });
});

describe('for any runs', () => {
  const results = fc
    .uniqueArray(
      fc.record({ id: fc.constantFrom(...'abcdefgh'), outcome: fc.constantFrom('passed', 'failed', 'skipped') }),
      {
        selector: ({ id }) => id,
      },
    )
    .map((all) => all as TestResult[]);
  const readable = results.map((all): CheckRun => ({
    exit_code: all.some(({ outcome }) => outcome === 'failed') ? 1 : 0,
    tests: all,
  }));
  const anyRun = fc.oneof(readable, fc.constantFrom(0, 1, null).map(unreadable));
  const facts = fc.record({
    record: fc.option(
      anyRun.map((base) => recordOf(base)),
      { nil: undefined },
    ),
    work: anyRun,
    again: anyRun,
    base: anyRun,
  });

  test('at most two further runs are asked for, and each verdict has a reason', () => {
    fc.assert(
      fc.property(facts, (all) => {
        const { reason, asked } = judge(all);
        expect(reason).toMatch(/\.$/);
        expect(new Set(asked.map((each) => each.split(' ')[0])).size).toBe(asked.length);
      }),
    );
  });

  test('the order of tests does not matter', () => {
    const turned = (one: CheckRun): CheckRun => ({ ...one, ...(one.tests ? { tests: one.tests.toReversed() } : {}) });
    fc.assert(
      fc.property(facts, (all) => {
        const { record: before, work, again, base } = all;
        const other = {
          work: turned(work),
          again: turned(again),
          base: turned(base),
          record: before && { ...before, ...(before.ran ? { ran: before.ran.toReversed() } : {}) },
        };
        const { gone, asked: _, reason: __, ...one } = judge(all);
        const second = judge(other);
        expect(second).toMatchObject(one);
        expect(second.gone.toSorted()).toEqual(gone.toSorted());
      }),
    );
  });

  test('a failure unknown to record and base that fails again always fails the check', () => {
    fc.assert(
      fc.property(readable, readable, readable, readable, (before, work, again, base) => {
        const added = (one: CheckRun): CheckRun => ({ exit_code: 1, tests: [...(one.tests ?? []), ...tests('-new')] });
        const { verdict, new_failures } = judge({
          record: recordOf(before),
          work: added(work),
          again: added(again),
          base,
        });
        expect(verdict).toBe('failed');
        expect(new_failures).toContain('new');
      }),
    );
  });

  test('a failure that the base always had never changes the verdict', () => {
    fc.assert(
      fc.property(readable, readable, readable, readable, (before, work, again, base) => {
        const old = (one: CheckRun): CheckRun => ({ exit_code: 1, tests: [...(one.tests ?? []), ...tests('-old')] });
        const without = judge({ record: recordOf(before), work, again, base });
        const withOld = judge({ record: recordOf(old(before)), work: old(work), again: old(again), base: old(base) });
        expect(withOld.verdict).toBe(without.verdict);
        expect(withOld.new_failures).toEqual(without.new_failures);
      }),
    );
  });
});
