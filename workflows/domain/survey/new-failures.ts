import { isNamed } from './is-named.ts';
import type { TestResult } from './test-result.ts';

/**
 * Whether a check that ran on a task's work shows new failures. Compared are the tests by their ids; an exit code alone
 * says something only where it was 0 at the base.
 */

/** How a check ended, and its tests. */
export interface CheckRun {
  /** null: it was ended at its time limit. */
  exit_code: number | null;
  /** undefined: there is no readable report. */
  tests?: TestResult[];
  /** Why tests may be missing in the report. */
  incomplete?: string;
}

/** The check at the project's recorded base. */
export interface CheckRecord {
  exit_code: number | null;
  /** Ids of the tests that ran, skipped ones left out; undefined: they could not be read. */
  ran?: string[];
  failing: string[];
  /** Tests of which one run passed and another failed. */
  flaky: string[];
}

export interface CheckFacts {
  /** undefined: the project has no record of this check. */
  record?: CheckRecord;
  work: CheckRun;
  /** The unknown failures again, on the work. */
  again?: CheckRun;
  /** The check at the task's own base: of the named tests alone, or whole. */
  base?: CheckRun;
  /** The author's reason for tests that no longer run. It excuses those that it names. */
  removed_tests?: string;
}

export interface Verdict {
  verdict: 'passed' | 'failed' | 'unverified';
  new_failures: string[];
  old_failures: string[];
  flaky: string[];
  /** Tests of the base that no longer run, without a reason. */
  gone: string[];
  /** The check itself fails, and did not at the base. */
  check_fails: boolean;
  /** For people and agents. */
  reason: string;
}

/** A run that is missing for the verdict. `tests`: the ones that matter; empty: the whole check. */
export interface Needed {
  needs: 'again' | 'base';
  tests: string[];
}

/** @returns the verdict, or the run that the caller adds to the facts before it asks once more: at most two runs. */
export function judgeCheck(facts: CheckFacts): Verdict | Needed {
  return facts.work.tests ? judgeTests(facts, facts.work.tests) : judgeWhole(facts);
}

/** A check without readable tests counts as one test. */
function judgeWhole({ record, work, again, base, removed_tests }: CheckFacts): Verdict | Needed {
  const before = record ?? (base && recordOf(base));
  if (!before) return { needs: 'base', tests: [] };
  const testsRan = (before.ran?.length ?? 0) > 0;
  const green = work.exit_code === 0;
  if (!testsRan && before.exit_code !== 0)
    return unverified(`The check fails at the base too (${ended(before)}) and its tests cannot be read.`);
  if (!testsRan && green) return verdict('passed', 'The check passes.');
  if (!again) return { needs: 'again', tests: [] };
  if (again.tests && testsRan) return judgeTests({ record, work: again, again, base, removed_tests }, again.tests);
  if (!testsRan && again.exit_code === 0)
    return verdict('passed', 'The check failed once and passed when it ran again.', { flaky: ['the check itself'] });
  if (!base) return { needs: 'base', tests: [] };
  if (base.tests?.length || (!testsRan && base.exit_code === 0)) {
    const what = testsRan ? 'The check ends before it runs a test' : 'The check fails';
    return verdict('failed', `${what} (${ended(again)}), and did not at the task's base.`, { check_fails: true });
  }
  return unverified(`The check fails in the same way at the task's base (${ended(base)}).`);
}

function judgeTests({ record, work, again, base, removed_tests }: CheckFacts, tests: TestResult[]): Verdict | Needed {
  const failing = idsOf(tests, 'failed');
  const ran = new Set([...idsOf(tests, 'passed'), ...failing]);
  const flakyBefore = new Set(record?.flaky);
  const oldBefore = new Set(record?.failing);
  const unknown = failing.filter((id) => !flakyBefore.has(id) && !oldBefore.has(id));
  const missing = (record?.ran ?? []).filter(
    (id) => !ran.has(id) && !replaced(id, oldBefore, ran) && !isNamed(id, removed_tests ?? ''),
  );
  // A failed run is explained by tests only if the base's exit code came from its failing tests too.
  const known = failing.filter((id) => flakyBefore.has(id) || (oldBefore.has(id) && record?.exit_code !== 0));
  const unexplained = work.exit_code !== 0 && unknown.length === 0 && known.length === 0;

  if ((unknown.length > 0 || unexplained) && !again) return { needs: 'again', tests: unknown };
  const passedAgain = new Set(idsOf(again?.tests ?? [], 'passed'));
  const flakyNow = unknown.filter((id) => passedAgain.has(id));
  const still = unknown.filter((id) => !passedAgain.has(id));
  const checkFails = unexplained && again?.exit_code !== 0;

  if ((still.length > 0 || missing.length > 0 || checkFails) && !base)
    return { needs: 'base', tests: checkFails ? [] : [...still, ...missing] };
  const atBase = new Map((base?.tests ?? []).map(({ id, outcome }) => [id, outcome]));
  const fresh = still.filter((id) => atBase.get(id) !== 'failed');
  const gone = base?.tests ? missing.filter((id) => ranAt(atBase, id)) : missing;
  const lists = {
    new_failures: fresh,
    old_failures: failing.filter((id) => oldBefore.has(id) || atBase.get(id) === 'failed'),
    flaky: failing.filter((id) => flakyBefore.has(id) || flakyNow.includes(id)),
    gone,
  };
  // Without a readable report of the base there is nothing to compare with.
  if (fresh.length > 0 && !base?.tests && !record?.ran)
    return unverified('Tests fail, and no tests could be read at the base.', {
      ...lists,
      new_failures: [],
      old_failures: [],
    });
  if (fresh.length > 0 || gone.length > 0) return verdict('failed', '', lists, work);
  if (!checkFails) return verdict('passed', '', lists, work);
  if (base?.exit_code === 0) return verdict('failed', '', { ...lists, check_fails: true }, work);
  // Failing tests at the base may have hidden how the check itself ended there.
  return idsOf(base?.tests ?? [], 'failed').length === 0 && base?.tests
    ? verdict('passed', `The check itself fails (${ended(work)}), as it does at the base.`, lists, work)
    : unverified(
        `All tests pass and the check fails (${ended(work)}). The base does not show whether that is new.`,
        lists,
      );
}

const recordOf = ({ exit_code, tests }: CheckRun): CheckRecord => ({
  exit_code,
  ...(tests ? { ran: tests.filter(({ outcome }) => outcome !== 'skipped').map(({ id }) => id) } : {}),
  failing: idsOf(tests ?? [], 'failed'),
  flaky: [],
});

const idsOf = (tests: TestResult[], outcome: TestResult['outcome']): string[] =>
  [...new Set(tests.filter((test) => test.outcome === outcome).map(({ id }) => id))].toSorted();

const ranAt = (atBase: ReadonlyMap<string, TestResult['outcome']>, id: string): boolean =>
  atBase.has(id) && atBase.get(id) !== 'skipped';

/** A file or suite that could not be loaded fails as one test. When it can, its tests take that one's place. */
function replaced(id: string, failing: ReadonlySet<string>, ran: ReadonlySet<string>): boolean {
  if (!failing.has(id)) return false;
  for (const other of ran) if (other.startsWith(id) && /^( > |[./ ])/.test(other.slice(id.length))) return true;
  return false;
}

const ended = ({ exit_code: code }: { exit_code: number | null }) =>
  code === null ? 'it reached its time limit' : `exit code ${code}`;

const maxNamed = 5;
const maxName = 160;

/** A few names, and the number of the others. */
function named(ids: string[]): string {
  const shown = ids
    .slice(0, maxNamed)
    .map((id) => (id.length <= maxName ? id : `${id.slice(0, maxName).toWellFormed()}…`));
  return ids.length > maxNamed ? `${shown.join('; ')}; and ${ids.length - maxNamed} more` : shown.join('; ');
}

const counted = (ids: string[], one: string, many: string): string =>
  ids.length === 0 ? '' : `${ids.length} ${ids.length === 1 ? one : many}: ${named(ids)}.`;

type Lists = Partial<Omit<Verdict, 'verdict' | 'reason'>>;

function verdict(outcome: Verdict['verdict'], first: string, lists: Lists = {}, work?: CheckRun): Verdict {
  const full = { new_failures: [], old_failures: [], flaky: [], gone: [], check_fails: false, ...lists };
  const reason = [
    first,
    full.check_fails && work
      ? `All tests that passed before pass, but the check itself fails (${ended(work)}) and did not at the base.`
      : '',
    counted(full.new_failures, 'new failure', 'new failures'),
    counted(full.gone, 'test of the base no longer runs', 'tests of the base no longer run'),
    full.gone.length > 0
      ? (work?.incomplete ?? 'Put them back, or name each one with its reason in removed_tests.')
      : '',
    counted(full.old_failures, 'test failed before and still fails', 'tests failed before and still fail'),
    counted(full.flaky, 'test is flaky', 'tests are flaky'),
  ].filter(Boolean);
  return { verdict: outcome, ...full, reason: reason.join(' ') || 'All tests pass.' };
}

const unverified = (reason: string, lists: Lists = {}): Verdict => verdict('unverified', reason, lists);
