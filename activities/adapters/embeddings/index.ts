import type { EmbeddingsPort } from '../../ports/embeddings.ts';
import type { Config } from '../../services/config.ts';
import type { ProxyVariables } from '../model/proxy.ts';
import type { Created, Providers } from '../provider.ts';

export interface EmbeddingsParts {
  config: Config;
  /** Source of the proxies; no other variable of it is used. */
  environment: ProxyVariables;
}

const wire = async (
  provider: string,
  { config, environment }: EmbeddingsParts,
  own: { url: string; model: string },
) => {
  const { base_url: url = own.url, model = own.model, api_key: key } = config.embeddings;
  const { createWireEmbeddings } = await import('./wire.ts');
  return { port: createWireEmbeddings({ provider, url, model, key, environment }) };
};

/** The values of `embeddings.provider`. */
export const embeddingsProviders: Providers<EmbeddingsPort, EmbeddingsParts> = {
  lexical: {
    embedded: true,
    create: async () => ({ port: (await import('./lexical.ts')).createLexicalEmbeddings() }),
  },
  openai: {
    embedded: false,
    configured: ({ embeddings }) => Boolean(embeddings.api_key || embeddings.base_url),
    create: (parts) => wire('openai', parts, { url: 'https://api.openai.com/v1', model: 'text-embedding-3-small' }),
  },
  fireworks: {
    embedded: false,
    create: (parts) =>
      wire('fireworks', parts, {
        url: 'https://api.fireworks.ai/inference/v1',
        model: 'fireworks/qwen3-embedding-8b',
      }),
  },
  local: {
    embedded: false,
    configured: ({ embeddings }) => embeddings.model_path !== undefined,
    create: async ({ config: { embeddings } }) =>
      (await import('./local.ts')).createLocalEmbeddings(embeddings.model_path ?? '', embeddings.model),
  },
  none: { embedded: true, create: async () => ({ port: (await import('./none.ts')).createNoEmbeddings() }) },
};

/**
 * The embeddings of a model that made vectors before; undefined where these settings cannot reach it: another provider's
 * key or folder is not known any more.
 */
export async function embeddingsOf(name: string, parts: EmbeddingsParts): Promise<Created<EmbeddingsPort> | undefined> {
  const [provider = '', ...rest] = name.split(':');
  const { embeddings } = parts.config;
  if (provider === 'lexical') return embeddingsProviders.lexical?.create(parts);
  if (provider === 'local' || provider !== embeddings.provider) return undefined;
  const config = { ...parts.config, embeddings: { ...embeddings, model: rest.join(':') } };
  return embeddingsProviders[provider]?.create({ ...parts, config });
}
