import { workflowId } from '#workflows/contracts/ids.ts';
import { pauseSpecUpdate } from '#workflows/contracts/spec.ts';
import type { NoTurn } from '#workflows/contracts/stretch.ts';
import { stopReason, type NightTerms } from '#workflows/domain/agent/night-terms.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../../ports/services.ts';

/** Seconds after which a run asks again whose spec is about to pause. */
const pauseWait = 10;

/**
 * Pauses the spec, which pauses all that work for it: the first run that meets the end of the night does it for all. Each
 * run of a ticket without a spec pauses by itself.
 */
export async function stopForNight(
  { workflows, log }: Pick<Services, 'workflows' | 'log'>,
  { night, spec_paused, run }: { night: NightTerms; spec_paused: boolean; run: Pick<Run, 'id' | 'spec_id'> },
): Promise<NoTurn> {
  const message = stopReason(night, run.spec_id ? 'spec' : 'run');
  if (!run.spec_id) return { kind: 'person', reason: 'night_over', message };
  if (!spec_paused)
    await workflows
      .update(workflowId.spec(run.spec_id), pauseSpecUpdate, { reason: message, actor: 'launch' })
      .catch((error: unknown) => {
        log.warn({ run_id: run.id, error: String(error) }, 'a spec could not be paused at the end of its night yet');
      });
  return { kind: 'wait', seconds: pauseWait, message };
}
