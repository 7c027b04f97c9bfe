import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { reopeningMessage } from '#workflows/domain/agent/opening.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import { correctOutput, evaluate, feedback, type GateResult } from '#workflows/domain/phases/evaluate.ts';
import { outOfLimits } from '#workflows/domain/phases/phase-limits.ts';
import { planSession, type PhaseId, type PhaseOutputs, type PriorOutputs } from '#workflows/domain/phases/index.ts';
import type { Known } from '#workflows/domain/phases/phase.ts';
import type { Evaluation } from '#prisma/store/json.ts';
import type { Run } from '#prisma/store/runs.ts';
import { askForValue } from '../support/ask-for-value.ts';
import type { IterationVerdict, IterationEnd } from '../agent/judge-iteration.ts';
import { present } from '#workflows/domain/errors.ts';
import { scopeOf } from '#workflows/domain/billing/scopes.ts';
import { codeBase } from '../ports/code-base.ts';
import type { Services } from '../ports/services.ts';

const judgeSchema = z.object({
  passed: z.boolean(),
  score: z.number().min(0).max(1),
  reasons: z.array(z.string().max(1000)).max(10).default([]),
});

/** The terms of a gate: earlier outputs, the threshold and, for a plan of files, the files at the base. */
export async function gateTerms(
  { store, config, repositories }: Pick<Services, 'store' | 'config' | 'repositories'>,
  run: Run,
): Promise<{ prior: PriorOutputs; threshold: number } & Known> {
  const prior = await store.specs.outputs(present(run.spec_id, 'the spec of the phase'));
  const { settings } = await store.projects.get(run.organization_id, run.project_id);
  // A project may raise the platform's threshold, but not lower it.
  const threshold = Math.max(config.phase.threshold, settings.gate_threshold ?? 0);
  const words = settings.requirement_words;
  if (run.phase !== 'tasks' && run.phase !== planSession) return { prior, threshold, words };
  return { prior, threshold, words, base: await codeBase(repositories, run) };
}

/** Judges an output by the rules of its gate. */
export async function applyGate<P extends PhaseId>(services: Services, run: Run, phase: P, output: PhaseOutputs[P]) {
  const { prior, threshold, ...known } = await gateTerms(services, run);
  return { prior, verdict: evaluate(phase, output, prior, threshold, known) };
}

/** Judges a phase attempt: the gate's rules, then the judge model where one is set. Both are stored and must pass. */
export async function judgePhase(
  services: Services,
  run: Run,
  input: IterationEnd,
  signal: AbortSignal,
): Promise<IterationVerdict> {
  const { store, config } = services;
  const phase = run.phase as PhaseId;
  const specId = present(run.spec_id, 'the spec of the phase');
  const attempt = run.attempt;
  const max = run.settings.last_attempt ?? config.phase.attempts;

  async function retry(text: string, failure: string, reason = 'phase_failed'): Promise<IterationVerdict> {
    if (attempt >= max || input.last) return { verdict: 'failed', reason, message: failure };
    await store.specs.startAttempt(run.organization_id, specId, phase, attempt + 1, run.id);
    await store.runs.reopen(
      run.organization_id,
      run.id,
      reopeningMessage({ ...run.terms.context, attempt: attempt + 1 }, text),
      attempt + 1,
    );
    return { verdict: 'again', reason: 'gate_failed', message: failure };
  }

  if (input.cause !== 'submitted') {
    await store.specs.judgeAttempt(run.organization_id, specId, phase, attempt, { error: input.message }, max);
    const draft = (await store.specs.attempt(specId, phase, attempt)).draft;
    const kept = draft ? `\n\nThe draft that is stored:\n${asData(`draft of ${phase}`, JSON.stringify(draft))}` : '';
    return retry(
      `Attempt ${attempt} ended without a submission: ${input.message} Submit the phase with submit_${phase}.${kept}`,
      input.message,
      input.cause === 'timeout' || input.cause === 'turns' ? outOfLimits : undefined,
    );
  }

  const row = await store.specs.attempt(specId, phase, attempt);
  if (row.status === 'passed')
    return { verdict: 'done', reason: 'gate_passed', message: `${phase} passed its gate with ${row.score ?? 0}.` };
  const output = row.output as PhaseOutputs[typeof phase];
  const { prior, verdict } = await applyGate(services, run, phase, output);
  const evaluation = await withJudge(services, run, { phase, attempt, output, verdict }, signal);
  if (evaluation.passed)
    await store.specs.saveOutput(specId, phase, attempt, correctOutput(phase, output, prior) as object);
  await store.specs.judgeAttempt(run.organization_id, specId, phase, attempt, evaluation, max);
  if (evaluation.passed)
    return { verdict: 'done', reason: 'gate_passed', message: `${phase} passed its gate with ${verdict.score}.` };
  return retry(
    `${evaluation.feedback}\n\nYour submission is kept as the draft. Correct it: what you give now replaces the fields of the draft. Then call submit_${phase}.\n${asData(`your submission of ${phase}`, JSON.stringify(output))}`,
    gateMissed(verdict),
  );
}

export const gateMissed = ({ score, threshold, vetoes }: GateResult): string =>
  `its gate gave ${score} of the ${threshold} it needs${vetoes.length > 0 ? `, ${vetoes.length} vetoes` : ''}`;

interface Judged {
  phase: PhaseId;
  attempt: number;
  output: unknown;
  verdict: GateResult;
}

/** The verdict of the gate's rules with that of the judge model, where one is set. Both must pass. */
export async function withJudge(
  services: Services,
  run: Run,
  judged: Judged,
  signal: AbortSignal,
): Promise<Evaluation> {
  const { score, criteria, vetoes, passed } = judged.verdict;
  const model = services.config.model.judge_name;
  const judge = model ? await askJudge(services, model, run, judged, signal) : null;
  // A judge that is set must answer. Only after a long outage is it skipped, and the skip is stored.
  if (judge && 'unavailable' in judge && Context.current().info.attempt < 3) {
    throw ApplicationFailure.create({ type: 'judge_unavailable', message: judge.unavailable, nextRetryDelay: '15 s' });
  }
  const refusal =
    judge && 'passed' in judge && !judge.passed
      ? `\nThe judge did not accept it:\n${judge.reasons.map((reason) => `- ${reason}`).join('\n')}`
      : '';
  const text = feedback(judged.verdict) + refusal;
  return { score, criteria, vetoes, judge, passed: passed && refusal === '', feedback: text };
}

async function askJudge(
  services: Services,
  model: string,
  run: Run,
  { phase, attempt, output }: Judged,
  signal: AbortSignal,
): Promise<z.output<typeof judgeSchema> | { unavailable: string }> {
  const answer = await askForValue(
    services,
    {
      key: `judge:${run.spec_id}:${phase}:${attempt}`,
      subject: present(run.spec_id, 'the spec of the phase'),
      context: { kind: 'judge', spec_id: run.spec_id, phase, attempt, title: run.title },
      model,
      system:
        'You judge the result of one planning phase for a software feature: is it complete, consistent, specific to this code base, and checkable? Pass only what an engineer could work from. Each reason is one sentence that names the item it is about.',
      prompt: `# The request\n${asData('request', run.goal)}\n\n# The phase's result\n${asData(`result of ${phase}`, JSON.stringify(output))}`,
      tool: { name: 'give_verdict', description: 'Your verdict on the phase.' },
      schema: judgeSchema,
      scope: scopeOf(run),
    },
    signal,
  );
  return answer.available ? answer.value : { unavailable: answer.reason };
}
