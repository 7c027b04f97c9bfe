import { Context } from '@temporalio/activity';
import { judgeCheck, type CheckFacts, type CheckRecord, type Verdict } from '#workflows/domain/survey/new-failures.ts';
import { checkName, fromTop } from '#workflows/domain/survey/state.ts';
import type { PullRequestCheck, SurveyedTests } from '#prisma/store/json.ts';
import type { Services } from '../ports/services.ts';
import { networkOf } from '../run/limits.ts';
import { runCheck, runTests, type Check } from '../survey/run-check.ts';
import { checkSandboxId, ensureCheckSandbox } from './check-sandbox.ts';
import { projectCommands, type ProjectCheckCommand, type ProjectCommands } from './project-commands.ts';
import { setUp } from './set-up.ts';

export interface ProjectCheck {
  /** undefined: no check was found in the project. */
  command?: string;
  /** False only for a new failure. */
  passed: boolean;
  /** The check proves nothing: it fails at the base too, and its tests cannot be compared. */
  unverified: boolean;
  exit_code: number | null;
  /** The end of its output. */
  output: string;
  /** What failed before, what is flaky, and what is new, for people and agents; empty when all tests pass. */
  note: string;
}

/** A commit to check, and the one that its work began at. */
export interface CheckedCommit {
  organization_id: string;
  project_id: string;
  sha: string;
  /** The commands are those of this commit, and only failures that it does not have count. */
  base_sha: string;
  /** Name of the check's sandboxes: the same for each try of a step. */
  name: string;
  /** The author's reason for tests that no longer run. */
  removed_tests?: string;
}

type Judged = Verdict & { command: string; exit_code: number | null; output: string };

/**
 * The commands of the commit's base, since the work must not decide how it is judged, and those for purposes that the
 * base has no check for.
 */
async function commandsOf(services: Services, subject: CheckedCommit): Promise<ProjectCommands> {
  const at = (sha: string) => projectCommands(services, subject.organization_id, subject.project_id, sha);
  if (subject.base_sha === subject.sha) return at(subject.sha);
  const [base, work] = await Promise.all([at(subject.base_sha), at(subject.sha)]);
  const added = work.checks.filter(
    ({ path, purpose }) => !base.checks.some((check) => check.path === path && check.purpose === purpose),
  );
  return { ...base, setup: [...new Set([...base.setup, ...work.setup])], checks: [...base.checks, ...added] };
}

function recordOf({ recorded, path, command }: ProjectCheckCommand, tests: SurveyedTests): CheckRecord | undefined {
  if (!recorded || recorded.state === 'not_run') return undefined;
  const { exit_code, failing_tests: failing, flaky_tests: flaky } = recorded;
  return { exit_code, ran: tests[checkName(path, command)], failing, flaky };
}

/** A checkout of one commit, which is made and set up when its first command runs. */
class Checkout {
  private ready?: ReturnType<typeof setUp>;

  constructor(
    private readonly services: Services,
    private readonly commit: { id: string; organization_id: string; project_id: string; sha: string },
    private readonly commands: ProjectCommands,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @returns the set-up command that failed; undefined when it worked. */
  setUp() {
    this.ready ??= ensureCheckSandbox(this.services, this.commit).then(() =>
      // The work may have written what this set-up leaves, so it is not kept.
      setUp(this.services, { ...this.commit, sandbox_id: this.commit.id, keep: false }, this.commands, this.signal),
    );
    return this.ready;
  }

  async run(check: ProjectCheckCommand, job: string, only?: string[]) {
    await this.setUp();
    const measured = (check.recorded?.duration_ms ?? 0) * 2;
    const command: Check = {
      job_id: job,
      command: check.command,
      cwd: check.path,
      network: networkOf(this.commands),
      timeoutMs: Math.max(this.services.config.sandbox.check_timeout * 1000, measured),
    };
    return only
      ? runTests(this.services, this.commit.id, command, only, this.signal)
      : runCheck(this.services, this.commit.id, command, this.signal);
  }

  async destroy(): Promise<void> {
    if (this.ready) await this.services.sandbox.destroy(this.commit.id, this.commit.project_id);
  }
}

/** Runs one check, and what its verdict needs besides: unknown failures again, then at the base. */
async function judge(
  work: Checkout,
  base: Checkout,
  check: ProjectCheckCommand,
  facts: { position: number; record: CheckRecord | undefined; removed_tests: string | undefined },
): Promise<Judged> {
  const { position, record, removed_tests } = facts;
  const first = await work.run(check, `check.${position}`);
  let known: CheckFacts = { record, removed_tests, work: first };
  // Each further run is asked for once.
  for (;;) {
    const next = judgeCheck(known);
    if ('verdict' in next)
      return { ...next, command: fromTop(check.path, check.command), exit_code: first.exit_code, output: first.output };
    const checkout = next.needs === 'again' ? work : base;
    const run = await checkout.run(check, `check.${position}.${next.needs}`, next.tests);
    known = { ...known, [next.needs]: run };
  }
}

/**
 * Checks a commit in a clean checkout, and compares it with its base: only new failures count. A check that is red at
 * the base and whose tests cannot be read proves nothing.
 */
export async function checkCommit(
  services: Services,
  subject: CheckedCommit,
  signal?: AbortSignal,
): Promise<ProjectCheck> {
  const { store } = services;
  const commands = await commandsOf(services, subject);
  if (commands.checks.length === 0)
    return { passed: true, unverified: false, exit_code: null, output: '', note: 'The project has no check.' };
  const { organization_id, project_id } = subject;
  const id = checkSandboxId(subject.name);
  const work = new Checkout(services, { id, organization_id, project_id, sha: subject.sha }, commands, signal);
  const base = new Checkout(
    services,
    { id: `${id}-base`, organization_id, project_id, sha: subject.base_sha },
    commands,
    signal,
  );
  try {
    const failed = await work.setUp();
    if (failed) {
      const { command, exit_code, output } = failed;
      const before = await base.setUp();
      const note = before
        ? "The project's set-up fails at the base too, so nothing could be checked."
        : "The project's set-up fails, and did not at the base.";
      return { command, passed: before !== undefined, unverified: true, exit_code, output: `${note}\n${output}`, note };
    }
    const tests = (await store.surveys.findWithTests(subject.organization_id, project_id))?.tests ?? {};
    const judged: Judged[] = [];
    for (const [position, check] of commands.checks.entries()) {
      const record = recordOf(check, tests);
      const verdict = await judge(work, base, check, { position, record, removed_tests: subject.removed_tests });
      judged.push(verdict);
      if (verdict.verdict === 'failed') break;
    }
    return summary(judged);
  } finally {
    // The sandboxes are kept when another worker continues: the next try finds the same commands.
    if (!signal?.aborted || Context.current().cancellationDetails?.cancelRequested)
      await Promise.all([work.destroy(), base.destroy()]);
  }
}

function summary(judged: Judged[]): ProjectCheck {
  const failed = judged.find(({ verdict }) => verdict === 'failed');
  const shown = failed ?? judged.find(({ verdict }) => verdict === 'unverified') ?? judged.at(-1);
  const notes = judged.filter(
    ({ verdict, old_failures, flaky }) => verdict !== 'passed' || old_failures.length + flaky.length > 0,
  );
  return {
    command: failed ? failed.command : judged.map(({ command }) => command).join(' && '),
    passed: !failed,
    unverified: !failed && judged.some(({ verdict }) => verdict === 'unverified'),
    exit_code: shown?.exit_code ?? null,
    output: shown?.output ?? '',
    note: notes
      .map(({ command, reason }) => (notes.length > 1 || judged.length > 1 ? `${command}: ${reason}` : reason))
      .join('\n'),
  };
}

/** A check in the form that a pull request keeps. */
export const asPullChecks = (
  { command, passed, unverified, exit_code, note }: ProjectCheck,
  sha: string,
): PullRequestCheck[] => (command ? [{ name: command, passed, exit_code, sha, unverified, note }] : []);
