import { Context } from '@temporalio/activity';
import type { ToolOutcome } from '#workflows/contracts/run.ts';
import { reopeningMessage } from '#workflows/domain/agent/opening.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import type { Run } from '#prisma/store/runs.ts';
import { present } from '#workflows/domain/errors.ts';
import { feedback } from '#workflows/domain/phases/evaluate.ts';
import { sentBack } from '#workflows/domain/phases/compact.ts';
import { planSession, type PhaseId, type PhaseOutputs } from '#workflows/domain/phases/index.ts';
import type { Services } from '../ports/services.ts';
import { checkOfRun } from '../project/check-sandbox.ts';
import { checkCommit } from '../project/check-commit.ts';
import { checkClaim } from '../tools/support/check-claim.ts';
import { asRanCommand, recordedEvidence } from '../tools/support/evidence.ts';
import { runEvidence } from './program/run-evidence.ts';
import { applyPatch } from './apply-patch.ts';
import { inSandbox } from './sandbox.ts';
import { createJudgeAnswer } from './judge-answer.ts';
import { hostProject } from '../ports/host-project.ts';
import { uncommittedWork } from './clean-checkout.ts';
import { refusedChanges } from './refused-changes.ts';
import { applyGate, judgePhase } from '../spec/judge-phase.ts';
import { faultsOf, judgePlan, judgeSubmittedPlan } from '../spec/judge-plan.ts';
import { cutEnd } from '#workflows/domain/text.ts';

export interface IterationEnd {
  organization_id: string;
  run_id: string;
  turn: number;
  iteration: number;
  /** claimed, submitted, reviewed: the model claims to be done. stopped, timeout, turns, unparsable: it is not done. */
  cause: string;
  message: string;
  /** No iteration may follow this one. */
  last: boolean;
  outcome: ToolOutcome | null;
}

export interface IterationVerdict {
  verdict: 'done' | 'again' | 'failed';
  reason: string;
  message: string;
}

/** Judges an iteration that has ended, and opens the next one when the work is not accepted. */
export function createJudgeIteration(services: Services) {
  const { store, sandbox, repositories, codeHost } = services;
  const judgeAnswer = createJudgeAnswer(services);

  async function reopen(
    run: Run,
    input: IterationEnd,
    text: string,
    failure: { reason: string; message: string },
  ): Promise<IterationVerdict> {
    await store.runs.validated(run, { passed: false, feedback: failure.message, iteration: input.iteration });
    if (input.last) return { verdict: 'failed', ...failure };
    await store.runs.reopen(
      run.organization_id,
      run.id,
      reopeningMessage({ ...run.terms.context, attempt: run.attempt }, text),
    );
    return { verdict: 'again', ...failure };
  }

  /** Moves the branch of a fork to its accepted work. No task takes it, so this branch is where a person finds it. */
  async function publish(run: Run, sha: string): Promise<void> {
    const project = await store.projects.get(run.organization_id, run.project_id);
    await repositories.updateRef(run.project_id, `refs/heads/${run.branch}`, sha);
    await codeHost.pushBranch(hostProject(project), run.branch, sha);
  }

  /** Judges a fork of a planning run by the rules of its gate. The phase and its attempts do not change. */
  async function judgeForkedPhase(run: Run, input: IterationEnd): Promise<IterationVerdict> {
    const phase = run.phase as PhaseId;
    if (input.cause !== 'submitted' || !run.outcome?.submission)
      return reopen(
        run,
        input,
        `The iteration ended without a submission: ${input.message} Submit the phase with submit_${phase}.`,
        { reason: 'phase_failed', message: input.message },
      );
    const kept = 'It is in the outcome of this run; the spec keeps its own.';
    const { submission } = run.outcome;
    if (run.phase === planSession) {
      const verdicts = await judgeSubmittedPlan(services, run, submission as Partial<PhaseOutputs>);
      const faults = faultsOf(verdicts);
      if (!faults) return { verdict: 'done', reason: 'gate_passed', message: `The plan would pass its gates. ${kept}` };
      const failed = verdicts.flatMap(({ phase: section, verdict }) =>
        verdict && !verdict.passed ? [{ phase: section, feedback: feedback(verdict), draft: submission[section] }] : [],
      );
      return reopen(run, input, sentBack(failed), { reason: 'phase_failed', message: faults });
    }
    const { verdict } = await applyGate(services, run, phase, submission as PhaseOutputs[typeof phase]);
    if (verdict.passed)
      return {
        verdict: 'done',
        reason: 'gate_passed',
        message: `The result would pass the gate with ${verdict.score}. ${kept}`,
      };
    return reopen(run, input, `${feedback(verdict)}\n\nCorrect it, then call submit_${phase}.`, {
      reason: 'phase_failed',
      message: `The gate would give ${verdict.score} of the ${verdict.threshold} it needs.`,
    });
  }

  async function judgeWork(claimed: Run, input: IterationEnd, signal: AbortSignal): Promise<IterationVerdict> {
    let run = claimed;
    const exhausted = {
      reason: 'max_iterations_reached',
      message: `${input.iteration} iterations ended without accepted work. The last one: ${input.message}`,
    };
    if (input.cause !== 'claimed') {
      const text = `Iteration ${input.iteration} ended and the work is not done: ${input.message}\n\nContinue where you are. The work ends with complete_task and valid evidence; use ask_user if only a person can help.`;
      return reopen(run, input, text, exhausted);
    }
    if (input.outcome?.kind === 'claimed' && input.outcome.report) {
      const asksAboutLeftovers = input.iteration === 1;
      const claim = input.outcome.report;
      const { runner } = run.settings;
      const { gaps, left } = await inSandbox(services, run, async () => {
        const unapplied = runner === 'elsewhere' ? await applyPatch(services, run) : undefined;
        if (unapplied) return { gaps: [unapplied], left: undefined };
        // An agent elsewhere has no turns, and claims once in an iteration.
        const nth = runner === 'elsewhere' ? input.iteration : input.turn;
        const ran = runner && (await runEvidence(services, run, claim.evidence, nth));
        return checkClaim(services, run, claim, { asksAboutLeftovers, ...(ran ? { ran } : {}) });
      });
      const missing = [...gaps, left].filter(Boolean);
      if (missing.length > 0) {
        const text = `Completion was reported, and not accepted. What is missing:\n${missing.map((line) => `- ${line}`).join('\n')}`;
        const message = 'The reported completion lacks evidence.';
        return reopen(
          run,
          input,
          text,
          input.last ? { ...exhausted, message } : { reason: 'evidence_missing', message },
        );
      }
      run = await store.runs.get(run.organization_id, run.id);
    }
    // A run that only reads or judges leaves no code: its summary is the result.
    if (run.mode === 'exploration' || run.mode === 'validation')
      return { verdict: 'done', reason: 'completion_signal', message: 'Done.' };
    const uncommitted = await inSandbox(services, run, () => uncommittedWork(services, run));
    if (uncommitted) {
      const text = `The project takes only committed work. ${uncommitted} Commit what belongs to the work on ${run.branch}, delete or ignore the rest, and call complete_task.`;
      const failure = { reason: 'not_committed', message: uncommitted };
      return reopen(run, input, text, input.last ? { ...exhausted, message: uncommitted } : failure);
    }
    const ref = `refs/omoios/work/${run.id}`;
    const brought = await inSandbox(services, run, () =>
      sandbox.exportWork(run.sandbox_id, { ref, message: run.title }),
    );
    const refused = await refusedChanges(services, run, brought.sha);
    if (refused) {
      const { reason, message } = refused;
      const text = `${message} Bring them back to the state of commit ${run.base_sha} (git checkout ${run.base_sha} -- PATH, or delete those that are new), run the checks again and call complete_task. If the work cannot be done without them, say so by ask_user.`;
      return reopen(run, input, text, input.last ? { ...exhausted, message } : { reason, message });
    }
    const check = await checkCommit(
      services,
      {
        organization_id: run.organization_id,
        project_id: run.project_id,
        sha: brought.sha,
        base_sha: run.base_sha,
        name: checkOfRun(run.id, input.iteration),
        removed_tests: run.outcome?.removed_tests,
      },
      signal,
    );
    if (!check.passed) {
      const text = `The platform checked your work in a clean checkout, and it failed: \`${check.command}\` exited with ${check.exit_code ?? 'no code'}.\n${asData('verdict on the check', check.note)}\n${asData('output of the check', check.output)}\n\nFind the cause, fix it, run the check yourself and call complete_task again. Files that are neither committed nor ignored are included; files that .gitignore names are not, even if the check needs them.`;
      return reopen(
        run,
        input,
        text,
        input.last
          ? { ...exhausted, message: `The project's check failed: ${check.command}` }
          : { reason: 'check_failed', message: `The project's check failed: ${check.command}` },
      );
    }
    if (run.forked_from_run_id) await publish(run, brought.sha);
    await store.runs.setOutcome(run.organization_id, run.id, {
      ...run.outcome,
      sha: brought.sha,
      tree: brought.tree,
      check: check.command
        ? {
            command: check.command,
            exit_code: check.exit_code ?? 0,
            output: cutEnd(check.output, 4000),
            unverified: check.unverified,
            note: check.note,
          }
        : null,
    });
    await store.runs.validated(run, {
      passed: true,
      feedback: '',
      iteration: input.iteration,
      command: check.command ?? null,
    });
    return {
      verdict: 'done',
      reason: 'validation_passed',
      message: check.unverified
        ? `The work is done. The project's check proves nothing about it: ${check.note}`
        : "The work is done and the project's check shows no new failure.",
    };
  }

  async function recordReview(run: Run, input: IterationEnd): Promise<IterationVerdict> {
    const review = input.outcome;
    if (input.cause === 'reviewed' && review?.kind === 'reviewed') {
      if (review.reported) {
        const commands = (await store.toolCalls.commands(run)).map(asRanCommand);
        review.evidence = review.evidence.map(({ exit_code: _none, ...item }) => recordedEvidence(item, commands));
      }
      // The review of a fork does not count for the task.
      if (!run.forked_from_run_id) {
        const task = await store.tasks.get(run.organization_id, present(run.task_id, 'the task of the review'));
        await store.tasks.review({
          organization_id: run.organization_id,
          task_id: task.id,
          run_id: run.id,
          iteration: task.validation_iteration,
          passed: review.passed,
          feedback: review.feedback,
          evidence: review.evidence,
          recommendations: review.recommendations,
          criteria: review.criteria ?? [],
        });
      }
      await store.runs.setOutcome(run.organization_id, run.id, review);
      return {
        verdict: 'done',
        reason: 'reviewed',
        message: review.passed ? 'The review passed.' : 'The review did not pass.',
      };
    }
    return reopen(
      run,
      input,
      `The review was not submitted: ${input.message} Verify what is left and call submit_review.`,
      { reason: 'no_review', message: `The validator submitted no review. ${input.message}` },
    );
  }

  return async function judgeIteration(input: IterationEnd): Promise<IterationVerdict> {
    const signal = Context.current().cancellationSignal;
    const run = await store.runs.get(input.organization_id, input.run_id);
    // An earlier try of this activity, whose answer was lost, has opened the next iteration.
    if (run.iteration > input.iteration)
      return { verdict: 'again', reason: 'settled', message: `Iteration ${input.iteration} was settled before.` };
    if (run.kind === 'phase' && run.forked_from_run_id) return judgeForkedPhase(run, input);
    if (run.kind === 'phase') return (run.phase === planSession ? judgePlan : judgePhase)(services, run, input, signal);
    if (run.kind === 'validation') return recordReview(run, input);
    if (run.kind === 'explore') {
      const { accepted, ...verdict } = await judgeAnswer(run, input);
      return accepted ? { verdict: 'done', ...verdict } : reopen(run, input, verdict.message, verdict);
    }
    return judgeWork(run, input, signal);
  };
}
