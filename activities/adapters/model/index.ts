import type { ModelPort } from '../../ports/model.ts';
import type { Config } from '../../services/config.ts';
import type { Providers } from '../provider.ts';
import type { ProxyVariables } from './proxy.ts';

export interface ModelParts {
  config: Config;
  /** Names of the agent's tools. A script that calls another tool is refused. */
  toolNames: readonly string[];
  /** Source of the proxies; no other variable of it is used. */
  environment: ProxyVariables;
}

/** The values of `model.provider`. */
export const modelProviders: Providers<ModelPort, ModelParts> = {
  anthropic: {
    embedded: false,
    configured: ({ model }) => Boolean(model.api_key || model.base_url),
    create: async ({ config: { model }, environment }) => ({
      port: (await import('./anthropic.ts')).createAnthropicModel({
        idle_timeout: model.idle_timeout,
        call_timeout: model.call_timeout,
        api_key: model.api_key ?? 'none',
        base_url: model.base_url,
        provider: 'anthropic',
        models: model,
        scripted: false,
        environment,
      }),
    }),
  },
  rehearsal: {
    embedded: true,
    create: async ({ config: { model }, toolNames }) => {
      const [{ createAnthropicModel }, { startRehearsalServer }] = await Promise.all([
        import('./anthropic.ts'),
        import('./rehearsal/index.ts'),
      ]);
      const server = await startRehearsalServer({
        pace: model.rehearsal_pace,
        scenariosDir: model.rehearsal_scenarios,
        tools: toolNames,
      });
      const port = createAnthropicModel({
        idle_timeout: model.idle_timeout,
        call_timeout: model.call_timeout,
        api_key: 'rehearsal',
        base_url: server.url,
        provider: 'rehearsal',
        models: model,
        scripted: true,
      });
      return { port: { ...port, refusal: server.refusal }, close: () => server.close() };
    },
  },
};
