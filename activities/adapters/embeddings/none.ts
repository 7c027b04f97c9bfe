import type { EmbeddingsPort } from '../../ports/embeddings.ts';

/** No embeddings: what says the same is found by its words alone. */
export const createNoEmbeddings = (): EmbeddingsPort => ({
  provider: 'none',
  model: 'none',
  semantic: false,
  embed: () => Promise.resolve({ vectors: [], tokens: 0 }),
});
