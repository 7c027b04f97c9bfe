import type { EmbeddingsPort } from '../../ports/embeddings.ts';
import type { Config } from '../../services/config.ts';
import type { Providers } from '../provider.ts';

export interface EmbeddingsParts {
  config: Config;
}

/** The values of `embeddings.provider`. */
export const embeddingsProviders: Providers<EmbeddingsPort, EmbeddingsParts> = {
  lexical: {
    embedded: true,
    create: async () => ({ port: (await import('./lexical.ts')).createLexicalEmbeddings() }),
  },
  none: { embedded: true, create: async () => ({ port: (await import('./none.ts')).createNoEmbeddings() }) },
};
