import type { Run } from '#prisma/store/runs.ts';
import type { ModelResponse } from '../../ports/model.ts';
import type { Services } from '../../ports/services.ts';
import { costEntry } from './estimate.ts';

/** Ids of the models that may answer instead of a model, in order. A name is `provider:model`, or an id alone. */
export function fallbackModels(
  names: readonly string[],
  { provider, model }: { provider: string; model: string },
): string[] {
  return names.flatMap((name) => {
    const [first = '', ...rest] = name.split(':');
    const id = rest.length > 0 ? rest.join(':') : first;
    return (rest.length > 0 && first !== provider) || id === model ? [] : [id];
  });
}

/**
 * Asks the other models of the settings for an answer that the run's model refused: the same request is refused again.
 * A refused answer is paid for, and its cost is recorded here.
 * @param ask asks the model of the run that it is given.
 * @returns the last answer, and the run with the model that gave it.
 */
export function createAskOthers({ store, model, config }: Pick<Services, 'store' | 'model' | 'config'>) {
  return async function askOthers(
    run: Run,
    key: string,
    refused: ModelResponse,
    ask: (run: Run) => Promise<ModelResponse>,
  ): Promise<{ response: ModelResponse; asked: Run }> {
    let response = refused;
    let asked = run;
    for (const id of fallbackModels(config.model.fallback_models, { provider: model.provider, model: run.model })) {
      if (response.stop_reason !== 'refusal') break;
      const { usage, model: answeredBy } = response;
      const entry = { key: `${key}:refused:${asked.model}`, usage, provider: model.provider, answered_by: answeredBy };
      await store.turns.recordUnfinished(costEntry(asked, entry, config.model));
      asked = { ...run, model: id };
      response = await ask(asked);
    }
    return { response, asked };
  };
}
