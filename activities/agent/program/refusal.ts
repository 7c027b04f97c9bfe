import { ApplicationFailure } from '@temporalio/common';
import type { NoTurn } from '#workflows/contracts/stretch.ts';
import { isStopped } from '#workflows/domain/agent/night-terms.ts';
import { scopeOf, scopesOf } from '#workflows/domain/billing/scopes.ts';
import { estimateTurn } from '#workflows/domain/billing/turn-estimate.ts';
import type { Run } from '#prisma/store/runs.ts';
import { endModelPause } from '../../ports/end-model-pause.ts';
import type { Services } from '../../ports/services.ts';
import { paidRun } from '../turn/estimate.ts';
import { conversationTokens } from '../turn/index.ts';
import { createRefuseSpending } from '../turn/refuse-spending.ts';
import { stopForNight } from '../turn/stop-for-night.ts';

/** The conversation was read elsewhere. */
const noRows = 2 ** 31 - 1;

/**
 * Why the platform would refuse the run's next request now: what the program in the sandbox says of it is not asked.
 * @param askAnyway a person resumed the run although its provider is paused.
 */
export async function refusalNow(services: Services, found: Run, askAnyway: boolean): Promise<NoTurn | undefined> {
  const { store, config, disk } = services;
  const full = disk.problem();
  if (full) return { kind: 'wait', seconds: 10, message: full };
  const { organization_id, id: run_id, turn } = found;
  const material = await store.turns.material({ organization_id, run_id, turn: turn + 1 }, noRows);
  const { night, spec_paused, model_pauses } = material;
  const run = await paidRun(services.model, material.run);
  if (night && isStopped(night, new Date())) return stopForNight(services, { night, spec_paused, run });
  if (run.refused !== null) return { kind: 'person', reason: 'model_paused', message: run.refused };
  const pause = model_pauses.find((one) => one.model_key_id === (run.model_key_id ?? ''));
  if (pause && !askAnyway) return { kind: 'person', reason: 'model_paused', message: pause.message };
  // The gateway asks the provider again, and begins another pause where it still refuses.
  if (pause) await endModelPause(services, run, pause.message, { actor: 'platform' });

  const last = turn > 0 ? await store.turns.get(organization_id, run_id, turn) : undefined;
  const estimate = estimateTurn(
    {
      model: run.model,
      tokens: last ? conversationTokens(last) : 20_000,
      cached_tokens: 0,
      max_output_tokens: config.model.max_output_tokens,
    },
    config.model,
  );
  const key = `program:${run_id}`;
  const held = await store.budgets.reserve({
    key,
    organization_id,
    run_id,
    scopes: scopesOf({ ...scopeOf(run), run_id, caller_run_id: run.caller_run_id }),
    wanted: estimate.minimum_micros,
    least: estimate.minimum_micros,
  });
  if (held.ok) {
    await store.budgets.release(organization_id, key);
    return undefined;
  }
  try {
    return await createRefuseSpending(services)(run, held, night);
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    return { kind: 'wait', seconds: 1, message: error.message };
  }
}
