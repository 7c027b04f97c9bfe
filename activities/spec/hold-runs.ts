import type { z } from 'zod';
import { workflowId } from '#workflows/contracts/ids.ts';
import { pauseUpdate, resumeUpdate } from '#workflows/contracts/run.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Services } from '../ports/services.ts';

/** Pauses and resumes the agents of a spec together with the spec. */
export function createHoldRuns(services: Pick<Services, 'store' | 'workflows'>) {
  const { store, workflows } = services;

  /** Sends an update to a run. @returns false when the run refuses it: it has ended or is in another state. */
  async function reaches(
    runId: string,
    update: typeof pauseUpdate | typeof resumeUpdate,
    input: z.input<typeof pauseUpdate.schema>,
  ): Promise<boolean> {
    try {
      await workflows.update(workflowId.run(runId), update, input);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return false;
      throw error;
    }
  }

  return {
    /**
     * Pauses a run, or without run_id the runs of the spec's tickets. Each stops before its next model call. A run that
     * a person paused keeps that pause; a run with the same reason was paused by an earlier try of this activity.
     * @returns the runs that this activity paused.
     */
    holdRuns: async (input: {
      organization_id: string;
      project_id: string;
      spec_id: string;
      run_id: string | null;
      reason: string;
    }): Promise<{ run_ids: string[] }> => {
      const active = (await store.runs.activeOf(input.project_id)).filter(
        (run) =>
          run.organization_id === input.organization_id &&
          run.spec_id === input.spec_id &&
          (run.status !== 'paused' || run.waiting_reason === input.reason),
      );
      const runs = active.filter((run) => (input.run_id === null ? run.kind !== 'phase' : run.id === input.run_id));
      const results = await Promise.all(
        runs.map(async ({ id }) => ({
          id,
          paused: await reaches(id, pauseUpdate, { reason: input.reason, actor: 'spec' }),
        })),
      );
      return { run_ids: results.filter(({ paused }) => paused).map(({ id }) => id) };
    },

    /** Resumes the runs that `holdRuns` paused. */
    resumeRuns: async (input: { run_ids: string[] }): Promise<void> => {
      await Promise.all(input.run_ids.map((id) => reaches(id, resumeUpdate, { actor: 'spec' })));
    },
  };
}
