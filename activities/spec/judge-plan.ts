import { reopeningMessage } from '#workflows/domain/agent/opening.ts';
import { judgeSections, sentBack, type SectionVerdict } from '#workflows/domain/phases/compact.ts';
import { planSession, progressAt, type PhaseOutputs } from '#workflows/domain/phases/index.ts';
import { firstOpenPhase } from '#workflows/domain/phases/gate-policy.ts';
import { outOfLimits } from '#workflows/domain/phases/phase-limits.ts';
import { present } from '#workflows/domain/errors.ts';
import type { JudgedSection } from '#prisma/store/json.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Spec } from '#prisma/store/specs.ts';
import type { IterationEnd, IterationVerdict } from '../agent/judge-iteration.ts';
import type { Services } from '../ports/services.ts';
import type { Store } from '../ports/store.ts';
import { gateMissed, gateTerms, withJudge } from './judge-phase.ts';
import { openSectionsOf, startSection } from './plan-sections.ts';

/** Judges the sections of a compact plan by the gates of their phases. */
export async function judgeSubmittedPlan(
  services: Services,
  run: Run,
  given: Partial<PhaseOutputs>,
): Promise<SectionVerdict[]> {
  const { prior, ...terms } = await gateTerms(services, run);
  return judgeSections(given, prior, terms);
}

/** The faults of the sections that did not pass: `tasks: its gate gave 0.5 of the 0.7 it needs`. */
export const faultsOf = (verdicts: SectionVerdict[]): string =>
  verdicts
    .flatMap(({ phase, verdict }) => (verdict && !verdict.passed ? [`${phase}: ${gateMissed(verdict)}`] : []))
    .join('; ');

/**
 * Progress of a spec with a compact plan: up to the first gate that is not open, as when its phases run one by one.
 * `phase` is the one that is worked on or waits.
 */
export async function plannedSoFar(store: Store, spec: Spec): Promise<{ progress: number; phase: string | undefined }> {
  const { phases } = spec.plan;
  const attempts = await store.specs.attempts(spec.id);
  const at = phases[firstOpenPhase(phases, attempts, spec.gate_policy)];
  if (at === undefined) return { progress: 100, phase: phases.at(-1) };
  const passed = attempts.findLast((attempt) => attempt.phase === at)?.status === 'passed';
  return { progress: progressAt(phases, at, passed ? 'end' : 'start'), phase: at };
}

/**
 * Judges an attempt at a compact plan. The sections up to the first faulty one pass; every faulty one goes back to the
 * session; the rest waits, and is judged again with the corrected ones. The decision is stored before it is carried
 * out, so that a repeated step carries out the same one.
 */
export async function judgePlan(
  services: Services,
  run: Run,
  input: IterationEnd,
  signal: AbortSignal,
): Promise<IterationVerdict> {
  const { store } = services;
  const specId = present(run.spec_id, 'the spec of the plan');
  const max = run.settings.last_attempt ?? run.attempt;
  const left = input.last ? 0 : Math.max(0, max - run.attempt);
  const known = run.outcome?.judged;
  const sections = known?.attempt === run.attempt ? known.sections : await decide(services, run, input, signal);
  if (known?.attempt !== run.attempt)
    await store.runs.setOutcome(run.organization_id, run.id, {
      ...run.outcome,
      judged: { attempt: run.attempt, sections },
    });

  const spec = await store.specs.get(run.organization_id, specId);
  for (const { phase, attempt, result, verdict } of sections) {
    if (result === 'waiting' || !verdict) {
      const { output } = await store.specs.attempt(specId, phase, attempt);
      if (output) await store.specs.saveDraft(specId, phase, attempt, output, true);
      continue;
    }
    await store.specs.judgeAttempt(run.organization_id, specId, phase, attempt, verdict, attempt + left);
    if (result === 'passed')
      await store.specs.update(run.organization_id, specId, { progress: (await plannedSoFar(store, spec)).progress });
  }
  const failed = sections.filter(({ result }) => result === 'failed');
  if (failed.length === 0)
    return { verdict: 'done', reason: 'gate_passed', message: 'All sections of the plan passed their gates.' };
  const message = failed.map(messageOf).join('; ');
  const reason = input.cause === 'timeout' || input.cause === 'turns' ? outOfLimits : 'phase_failed';
  if (left === 0) return { verdict: 'failed', reason, message };

  // The first faulty section is started last: the spec then names it as its phase.
  for (const { phase, attempt } of failed.toReversed())
    await store.specs.startAttempt(run.organization_id, specId, phase, attempt + 1, run.id);
  const faults = await Promise.all(
    failed.map(async ({ phase, attempt, verdict }) => ({
      phase,
      feedback: verdict && 'error' in verdict ? verdict.error : (verdict?.feedback ?? ''),
      draft: (await store.specs.attempt(specId, phase, attempt + 1)).draft,
    })),
  );
  const text =
    input.cause === 'submitted'
      ? sentBack(faults)
      : `Attempt ${run.attempt} ended without a submission: ${input.message} The sections that you gave are stored. Give the rest, then submit the plan with submit_${planSession}.`;
  const next = run.attempt + 1;
  await store.runs.reopen(
    run.organization_id,
    run.id,
    reopeningMessage({ ...run.terms.context, attempt: next }, text),
    next,
  );
  return { verdict: 'again', reason: 'gate_failed', message };
}

async function decide(
  services: Services,
  run: Run,
  input: IterationEnd,
  signal: AbortSignal,
): Promise<JudgedSection[]> {
  const { store } = services;
  const specId = present(run.spec_id, 'the spec of the plan');
  const open = await openSectionsOf(store, run);
  const [first] = open;
  if (!first) return [];
  if (input.cause !== 'submitted') {
    const { attempt } = await startSection(store, run, first);
    return [{ phase: first.phase, attempt, result: 'failed', verdict: { error: input.message } }];
  }
  // An output passed the schema of its phase before it was stored.
  const given = Object.fromEntries(
    open.flatMap(({ phase, last }) => (last?.output ? [[phase, last.output]] : [])),
  ) as Partial<PhaseOutputs>;
  let all = true;
  const sections: JudgedSection[] = [];
  for (const { phase, output, verdict } of await judgeSubmittedPlan(services, run, given)) {
    const attempt = present(open.find((section) => section.phase === phase)?.last?.attempt, `the attempt at ${phase}`);
    const judged = verdict && (await withJudge(services, run, { phase, attempt, output, verdict }, signal));
    all &&= judged?.passed === true;
    const result = all ? 'passed' : judged && !judged.passed ? 'failed' : 'waiting';
    if (result === 'passed') await store.specs.saveOutput(specId, phase, attempt, output);
    sections.push({ phase, attempt, result, verdict: result === 'waiting' ? null : judged });
  }
  return sections;
}

function messageOf({ phase, verdict }: JudgedSection): string {
  if (!verdict || 'error' in verdict) return verdict?.error ?? phase;
  return `${phase}: its gate gave ${verdict.score}${verdict.vetoes.length > 0 ? `, ${verdict.vetoes.length} vetoes` : ''}`;
}
