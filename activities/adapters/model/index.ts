import type { ModelPort, SettingNames } from '../../ports/model.ts';
import type { Config } from '../../services/config.ts';
import type { Provider } from '../provider.ts';
import type { ProxyVariables } from './proxy.ts';
import type { WireOptions } from './watched-call.ts';

export interface ModelParts {
  config: Config;
  /** Names of the agent's tools. A script that calls another tool is refused. */
  toolNames: readonly string[];
  /** Source of the proxies; no other variable of it is used. */
  environment: ProxyVariables;
}

/** @property fetch calls an address that a person set; absent: the address is the provider's own. */
interface BroughtKey {
  api_key: string;
  base_url?: string;
  fetch?: typeof fetch;
}

interface ModelProvider extends Provider<ModelPort, ModelParts> {
  /** The models that it uses where the settings name none; absent: `defaultModels`. */
  default_models?: { name: string; small_name: string };
  /** Calls this provider with a key that an organization or a person brings. Absent: it takes none. */
  with_key?(key: BroughtKey, parts: ModelParts): Promise<ModelPort>;
  /** The settings that a person fixes when the provider refuses all requests; absent: there are none to fix. */
  setting_names?: SettingNames;
}

export const defaultModels = { name: 'claude-sonnet-5-5', small_name: 'claude-haiku-5-5' };

const wireOf = (provider: string, models: Config['model']): WireOptions => ({
  provider,
  models,
  idle_timeout: models.idle_timeout,
  call_timeout: models.call_timeout,
  scripted: false,
});

/** The values of `model.provider`. */
export const modelProviders: Record<string, ModelProvider> = {
  anthropic: {
    embedded: false,
    setting_names: { key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL' },
    configured: ({ model }) => Boolean(model.api_key || model.auth_token || model.base_url),
    create: async ({ config: { model }, environment }) => ({
      port: (await import('./anthropic.ts')).createAnthropicModel({
        ...wireOf('anthropic', model),
        api_key: model.api_key,
        auth_token: model.auth_token,
        base_url: model.base_url,
        environment,
      }),
    }),
    with_key: async (key, { config: { model }, environment }) =>
      (await import('./anthropic.ts')).createAnthropicModel({ ...wireOf('anthropic', model), ...key, environment }),
  },
  openai: {
    embedded: false,
    setting_names: { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL' },
    default_models: { name: 'gpt-6.2-sol', small_name: 'gpt-6-luna' },
    configured: ({ model }) => Boolean(model.openai_api_key || model.openai_base_url),
    create: async ({ config: { model }, environment }) => ({
      port: (await import('./openai/index.ts')).createOpenAiModel({
        ...wireOf('openai', model),
        api_key: model.openai_api_key ?? 'none',
        base_url: model.openai_base_url,
        environment,
      }),
    }),
    with_key: async (key, { config: { model }, environment }) =>
      (await import('./openai/index.ts')).createOpenAiModel({ ...wireOf('openai', model), ...key, environment }),
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
