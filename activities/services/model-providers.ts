import { modelProviders, type ModelParts } from '../adapters/model/index.ts';
import type { Created } from '../adapters/provider.ts';
import type { ModelPort } from '../ports/model.ts';
import { withMembers } from '../support/with-members.ts';
import { fallbackLists, type Config } from './config.ts';
import { splitModel } from '#workflows/domain/agent/models.ts';

/** The chosen provider of models, and behind it those that the fallback models need. A request names its provider. */
export async function createModels(main: string, parts: ModelParts): Promise<Created<ModelPort>> {
  const names = [...new Set([main, ...providersOf(parts.config, main)])];
  const created = new Map<string, Created<ModelPort>>();
  for (const name of names) {
    const provider = modelProviders[name];
    if (!provider) throw new Error(`MODEL_PROVIDER: there is no provider ${name}.`);
    created.set(name, await provider.create(parts));
  }
  const chosen = (created.get(main) as Created<ModelPort>).port;
  return {
    port: withMembers(chosen, {
      call: (request, hooks) => (created.get(request.provider ?? '')?.port ?? chosen).call(request, hooks),
      settingNames: (provider) => modelProviders[provider]?.setting_names,
    }),
    close: async () => {
      for (const one of created.values()) await one.close?.();
    },
  };
}

const providersOf = (config: Config, main: string): string[] =>
  Object.values(fallbackLists(config.model)).flatMap((names) => names.map((name) => splitModel(name, main).provider));
