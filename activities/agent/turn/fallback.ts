import { splitModel } from '#workflows/domain/agent/models.ts';
import type { ModelResponse } from '../../ports/model.ts';
import type { Services } from '../../ports/services.ts';
import { costEntry, type PaidRun } from './estimate.ts';

type Named = { provider: string; model: string };

/** Fallback models by the settings: those of the kind of session, otherwise those for all. */
interface FallbackSettings {
  fallback_models: readonly string[];
  fallback?: Readonly<Record<string, readonly string[] | undefined>>;
}

/**
 * The models that may answer instead of a run's model, in order. A run that continues with one of them has only the later
 * ones left, so that two that refuse are not asked in turn for ever.
 */
export function fallbacksOf(
  settings: FallbackSettings,
  run: Named & { kind: string },
): { same: string[]; other: Named | undefined } {
  const all = (settings.fallback?.[run.kind] ?? settings.fallback_models).map((name) => splitModel(name, run.provider));
  const isOwn = ({ provider, model }: Named) => provider === run.provider && model === run.model;
  const left = all.slice(all.findIndex(isOwn) + 1);
  return {
    same: left.flatMap(({ provider, model }) => (provider === run.provider ? [model] : [])),
    other: left.find(({ provider }) => provider !== run.provider),
  };
}

/** A model of another provider cannot read the thinking so far, so the run continues with it in a new epoch. */
export interface Switch extends Named {
  reason: string;
}

/**
 * Asks the other models of the settings for an answer that the run's model refused: the same request is refused again.
 * A refused answer is paid for, and its cost is recorded here.
 * @param ask asks the model of the run that it is given.
 * @returns the last answer and the run with the model that gave it, or the model of another provider to continue with.
 */
export function createAskOthers({ store, config }: Pick<Services, 'store' | 'config'>) {
  return async function askOthers(
    run: PaidRun,
    key: string,
    refused: ModelResponse,
    ask: (run: PaidRun) => Promise<ModelResponse>,
  ): Promise<{ response: ModelResponse; asked: PaidRun } | { continue_with: Switch }> {
    let response = refused;
    let asked = run;
    const record = () => {
      const { usage, model: answeredBy } = response;
      const entry = { key: `${key}:refused:${asked.model}`, usage, provider: asked.provider, answered_by: answeredBy };
      return store.turns.recordUnfinished(costEntry(asked, entry, config.model));
    };
    const { same, other } = fallbacksOf(config.model, run);
    for (const id of same) {
      if (response.stop_reason !== 'refusal') break;
      await record();
      asked = { ...run, model: id };
      response = await ask(asked);
    }
    if (response.stop_reason !== 'refusal' || !other) return { response, asked };
    await record();
    await store.turns.releaseReservation(run, key);
    const why = response.refusal ? `: ${response.refusal}` : '';
    return { continue_with: { ...other, reason: `${asked.model} refused to answer${why}` } };
  };
}
