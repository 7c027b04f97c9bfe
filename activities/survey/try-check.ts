import { diagnose } from '#workflows/domain/survey/diagnose.ts';
import type { Missing, SurveyedCheck, SurveyedRoot } from '#workflows/domain/survey/environment.ts';
import { checkName } from '#workflows/domain/survey/state.ts';
import { cutEnd } from '#workflows/domain/text.ts';
import type { CommandSpec } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { runCheck, type CheckResult } from './run-check.ts';

interface Tried {
  check: SurveyedCheck;
  missing: Missing | undefined;
  /** Ids of the tests that ran; undefined where no report could be read. */
  tests: string[] | undefined;
}

const logBytes = 8000;
/** Exit codes of a shell for a program that does not exist or cannot be run. */
const cannotStart = new Set([126, 127]);

const idsOf = ({ tests }: CheckResult, outcomes: string[]) =>
  (tests ?? []).filter(({ outcome }) => outcomes.includes(outcome)).map(({ id }) => id);

/** Tests with different outcomes in two runs; for checks without a report, the check itself. */
function flakyTests(name: string, first: CheckResult, second: CheckResult | undefined): string[] {
  if (!second) return [];
  if (!first.tests || !second.tests) return (first.exit_code === 0) === (second.exit_code === 0) ? [] : [name];
  const before = new Map(first.tests.map(({ id, outcome }) => [id, outcome]));
  return second.tests.filter(({ id, outcome }) => before.has(id) && before.get(id) !== outcome).map(({ id }) => id);
}

/** Runs a check of a survey, a quick one twice, and says what it knows of it. */
export async function tryCheck(
  services: Services,
  what: {
    sandbox_id: string;
    /** Name of its commands: a repeated step finds the ones that have run. */
    name: string;
    root: SurveyedRoot;
    check: SurveyedCheck;
    network: CommandSpec['network'];
    /** 0 or less: the survey has no time left. */
    limit_ms: number;
    again_below_ms: number;
  },
  signal: AbortSignal,
): Promise<Tried> {
  const { check, root } = what;
  if (what.limit_ms <= 0)
    return {
      check: { ...check, state: 'too_long', log: '' },
      missing: {
        what: 'time for all checks',
        remedy: "Raise survey.total_seconds in the project's settings, or name fewer checks there.",
      },
      tests: undefined,
    };
  const run = (n: number) =>
    runCheck(
      services,
      what.sandbox_id,
      {
        job_id: `${what.name}.${n}`,
        command: check.command,
        cwd: root.path,
        network: what.network,
        timeoutMs: what.limit_ms,
      },
      signal,
    );
  const first = await run(1);
  const quick = !first.too_long && first.duration_ms < what.again_below_ms;
  const second = quick ? await run(2) : undefined;
  const name = checkName(root.path, check.command);
  const flaky = flakyTests(name, first, second);
  const failing = idsOf(first, ['failed']).filter((id) => !flaky.includes(id));
  const exitCode = first.exit_code === 0 || second?.exit_code !== 0 ? first.exit_code : 0;
  const unread = first.reader !== null && !first.tests && exitCode !== 0;
  const broken = !first.too_long && (unread || cannotStart.has(exitCode ?? 0));
  const passed = !first.too_long && !broken && exitCode === 0 && failing.length === 0;
  const cause =
    failing.length > 0
      ? undefined
      : diagnose({
          command: check.command,
          exit_code: first.too_long ? null : exitCode,
          output: first.output,
          limit: what.limit_ms / 1000,
          network: what.network !== 'none',
        });
  const idle = passed && cause !== undefined;
  return {
    check: {
      ...check,
      state: first.too_long ? 'too_long' : broken || idle ? 'broken' : passed ? 'passed' : 'failed',
      passed: first.too_long || broken || idle ? null : passed,
      exit_code: first.too_long ? null : exitCode,
      duration_ms: first.duration_ms,
      reader: first.tests ? first.reader : null,
      tests: first.tests ? idsOf(first, ['passed', 'failed']).length : null,
      failing_tests: failing,
      flaky_tests: flaky,
      log: cutEnd(first.output, logBytes),
    },
    missing: cause,
    tests: first.tests && idsOf(first, ['passed', 'failed']),
  };
}
