import { randomUUID } from 'node:crypto';
import type { PhaseId } from '#workflows/domain/phases/index.ts';
import type { ScoredCriterion } from '#workflows/domain/phases/phase.ts';
import type { StoreCore } from './core.ts';
import { asJson } from './json.ts';
import { lockSpec, recordVersion, specEvent } from './spec-record.ts';

export interface ImportedPhase {
  phase: PhaseId;
  output: object;
  score: number;
  criteria: ScoredCriterion[];
}

/** The plan of a draft that comes from files. */
export const importedPlan = (core: StoreCore) => ({
  /** Stores phases as passed and approved by the one who brings them. A repeated call changes nothing. */
  importPlan: (
    organizationId: string,
    specId: string,
    phases: readonly ImportedPhase[],
    place: { current_phase: string; progress: number },
    by: string,
  ): Promise<void> =>
    core.change(async (tx, emit) => {
      const spec = await lockSpec(tx, organizationId, specId);
      if ((await tx.phaseAttempt.count({ where: { spec_id: specId } })) > 0 || phases.length === 0) return;
      const now = new Date();
      const decision = { by, at: now.toISOString(), action: 'approved', reason: 'Imported.' };
      await tx.phaseAttempt.createMany({
        data: phases.map(({ output, criteria, ...phase }) => ({
          ...phase,
          ...{ id: randomUUID(), organization_id: organizationId, spec_id: specId, attempt: 1, run_id: randomUUID() },
          ...{ status: 'passed', output, criteria: asJson(criteria), vetoes: [], decision, ended_at: now },
        })),
      });
      await tx.spec.update({ where: { id: specId }, data: { ...place, updated_at: now } });
      const names = phases.map(({ phase }) => phase);
      await recordVersion(tx, spec, 'phase_changed', { phases: { old: [], new: names } }, by);
      emit(specEvent(spec, 'spec.edited', { by, fields: names }));
    }),
});
