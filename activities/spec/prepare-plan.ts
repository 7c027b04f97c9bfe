import type { PreparedRun } from '#workflows/contracts/work.ts';
import type { PhaseResult } from '#workflows/contracts/spec.ts';
import { planPrompt } from '#workflows/domain/phases/compact.ts';
import { phaseName } from '#workflows/domain/phases/names.ts';
import { answersText } from '#workflows/domain/phases/open-questions.ts';
import { mayRetry } from '#workflows/domain/tasks/retry.ts';
import type { Services } from '../ports/services.ts';
import { planAttempts } from '../run/limits.ts';
import { plannedSoFar } from './judge-plan.ts';
import type { PhaseRef, PlanningSession } from './planning-session.ts';
import { openSectionsOf, startSection } from './plan-sections.ts';

export interface ClosedPhase {
  score: number | null;
  attempt: number;
  again_after_seconds: number | null;
  /** Of a compact plan: the result of each phase. */
  sections?: PhaseResult['sections'];
}

/** Creates the run of a compact plan's next session: it fills the sections that have not passed. */
export async function preparePlan(
  { store, config }: Services,
  { spec, runId, ofPhase, ofChain, createRun }: PlanningSession,
  input: { feedback: string | null; from?: string },
): Promise<PreparedRun> {
  const run = { id: runId, organization_id: spec.organization_id, spec_id: spec.id };
  const again = input.from === undefined ? undefined : phaseName(input.from)?.id;
  if (again)
    await startSection(store, run, {
      phase: again,
      last: (await store.specs.lastAttempt(spec.id, again)) ?? undefined,
    });
  const [first] = await openSectionsOf(store, run);
  if (first) await startSection(store, run, first);
  const open = await openSectionsOf(store, run);
  const { progress } = await plannedSoFar(store, spec);
  await store.specs.update(spec.organization_id, spec.id, { progress, waiting_for: null });
  const attempt = Math.max(0, ...ofPhase.map((known) => known.attempt)) + 1;
  const attempts = (await store.specs.attempts(spec.id)).filter((known) => known.phase === open[0]?.phase);
  const drafts = open.flatMap(({ phase, last }) => {
    const draft = last?.status === 'running' ? last.draft : (last?.output ?? last?.draft);
    return draft ? [[phase, draft]] : [];
  });
  const { settings } = await store.projects.get(spec.organization_id, spec.project_id);
  const goal = planPrompt(
    {
      title: spec.title,
      description: spec.description,
      prior: await store.specs.outputs(spec.id),
      words: settings.requirement_words,
      answers: answersText(spec.answers),
      feedback: input.feedback ?? attempts.at(-2)?.feedback ?? undefined,
    },
    open.map(({ phase }) => phase),
    Object.fromEntries(drafts),
  );
  const last = ofChain[0]?.settings.last_attempt ?? attempt + planAttempts(config) - 1;
  return createRun({ attempt, last_attempt: last, goal });
}

/** Closes a session of a compact plan. */
export async function closePlan(
  { store, config }: Services,
  input: PhaseRef & { run_id: string; passed: boolean; reason: string; message: string },
): Promise<ClosedPhase> {
  const { organization_id: organizationId, spec_id: specId } = input;
  const { attempt, settings } = await store.runs.get(organizationId, input.run_id);
  if (input.passed) {
    const spec = await store.specs.get(organizationId, specId);
    await store.specs.update(organizationId, specId, { progress: (await plannedSoFar(store, spec)).progress });
    const attempts = await store.specs.attempts(specId);
    const sections = spec.plan.phases.flatMap((phase) => {
      const last = attempts.findLast((known) => known.phase === phase);
      return last ? [{ phase, score: last.score, attempt: last.attempt }] : [];
    });
    return { score: null, attempt, again_after_seconds: null, sections };
  }
  const max = settings.last_attempt ?? attempt;
  const again = attempt < max && mayRetry(input.reason);
  const open = await openSectionsOf(store, { id: input.run_id, organization_id: organizationId, spec_id: specId });
  const running = open.flatMap(({ last }) => (last?.status === 'running' ? [last] : []));
  // The sections after the first keep their drafts for the next session; without one they end with it.
  for (const row of again ? running.slice(0, 1) : running)
    await store.specs.judgeAttempt(
      organizationId,
      specId,
      row.phase,
      row.attempt,
      { error: input.message },
      again ? row.attempt + max - attempt : row.attempt,
    );
  const used = planAttempts(config) - 1 - (max - attempt);
  return { score: null, attempt, again_after_seconds: again ? config.phase.retry_backoff * 2 ** used : null };
}
