import { openSections } from '#workflows/domain/phases/compact.ts';
import type { PhaseId } from '#workflows/domain/phases/index.ts';
import { present } from '#workflows/domain/errors.ts';
import type { PhaseAttempt } from '#prisma/store/json.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Store } from '../ports/store.ts';

/** A section of a compact plan that has not passed, with the attempt that its session fills. */
export interface OpenSection {
  phase: PhaseId;
  /** The newest attempt; undefined before the first one. */
  last: PhaseAttempt | undefined;
}

type PlanRun = Pick<Run, 'organization_id' | 'id' | 'spec_id'>;

/** The sections that a run of a compact plan has to fill, in the order of the plan. */
export async function openSectionsOf(store: Store, run: PlanRun): Promise<OpenSection[]> {
  const specId = present(run.spec_id, 'the spec of the plan');
  const spec = await store.specs.get(run.organization_id, specId);
  const attempts = await store.specs.attempts(specId);
  return openSections(spec.plan.phases, attempts).map((phase) => ({
    phase,
    last: attempts.findLast((attempt) => attempt.phase === phase),
  }));
}

/** The attempt of a section that its session fills: the one that runs, else the next one, with the draft of the last. */
export async function startSection(store: Store, run: PlanRun, { phase, last }: OpenSection): Promise<PhaseAttempt> {
  if (last?.status === 'running') return last;
  const specId = present(run.spec_id, 'the spec of the plan');
  return store.specs.startAttempt(run.organization_id, specId, phase, (last?.attempt ?? 0) + 1, run.id);
}
