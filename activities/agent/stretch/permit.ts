import { workflowId } from '#workflows/contracts/ids.ts';
import { modelWaitSignal } from '#workflows/contracts/run.ts';
import type { StretchInput } from '#workflows/contracts/stretch.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Permit } from '../../ports/model-permits.ts';
import type { Services } from '../../ports/services.ts';
import { timeLimit } from '../../support/time-limit.ts';
import type { Reins } from './reins.ts';

/** Milliseconds after which a wait goes on in the next stretch, so that it never reaches the activity's limit. */
const maxWaitMs = 600_000;

/**
 * Waits for a permit to ask the model, and shows the wait on the run and in its workflow's progress. The time is nobody's:
 * no limit counts it.
 * @returns undefined where the stretch should return to its workflow instead. What it shows then stays true.
 */
export async function takePermit(
  { permits, store, workflows, ending, log }: Services,
  run: Run,
  { input, reins }: { input: StretchInput; reins: Reins },
): Promise<Permit | undefined> {
  const show = async (reason: string | null) => {
    const now = reason
      ? ({ status: 'waiting', waiting_for: 'model', waiting_reason: reason } as const)
      : ({ status: 'running' } as const);
    await store.runs.mark(run.organization_id, run.id, now);
    await workflows.signalIfRunning(workflowId.run(run.id), modelWaitSignal, { stretch: input.number, reason });
  };
  const { id, provider, organization_id, owner } = run;
  // An earlier stretch may have waited, and its process died.
  let shown: Promise<unknown> | undefined = run.waiting_for === 'model' ? Promise.resolve() : undefined;
  const leave = timeLimit(maxWaitMs, ending);
  const taken = permits.take(
    { id: `run:${id}`, provider, organization_id, run_id: id, owner, since: input.since },
    {
      signal: reins.signal,
      leave: leave.signal,
      onWait: (reason) => {
        shown = show(reason).catch((error: unknown) =>
          log.warn({ run_id: id, error: String(error) }, 'a wait is not shown'),
        );
      },
    },
  );
  const permit = await taken.finally(leave.end);
  if (!permit || !shown) return permit;
  try {
    await shown;
    await show(null);
  } catch (error) {
    permit.give();
    throw error;
  }
  return permit;
}
