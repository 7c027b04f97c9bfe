import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { embeddingsProviders } from '../adapters/embeddings/index.ts';
import { nameIn, positive, secret, text } from './config-values.ts';

/** Files of a model that runs here. */
const modelFiles = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'];

export const embeddingsSchema = z.strictObject({
  provider: nameIn(embeddingsProviders),
  /** Address and key of a server with OpenAI's interface for embeddings. */
  base_url: z.url({ protocol: /^https?$/ }).optional(),
  api_key: secret.optional(),
  /** Unset: the provider's own, `text-embedding-3-small` or `fireworks/qwen3-embedding-8b`. */
  model: text.optional(),
  /** Folder of a model that runs here: config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx. */
  model_path: text.optional(),
  /** Seconds between two looks for texts without a vector of the chosen model. */
  backfill_every: positive.default(300),
});

type EmbeddingsSettings = z.infer<typeof embeddingsSchema>;

/** What a provider needs that is not set. */
export function embeddingsProblems({ provider, api_key, base_url, model_path }: EmbeddingsSettings): string[] {
  if (provider === 'fireworks' && !api_key)
    return ['EMBEDDING_API_KEY: EMBEDDING_PROVIDER=fireworks needs a key. Set it.'];
  if (provider === 'openai' && !api_key && !base_url)
    return [
      'EMBEDDING_API_KEY: EMBEDDING_PROVIDER=openai needs a key, or EMBEDDING_BASE_URL of a server that takes none. Set one.',
    ];
  if (provider === 'local' && !model_path)
    return ['EMBEDDING_MODEL_PATH: EMBEDDING_PROVIDER=local needs the folder of a model. Set it.'];
  if (provider === 'local' || (!provider && model_path)) return missingFiles(model_path ?? '');
  return [];
}

function missingFiles(folder: string): string[] {
  const place = path.resolve(folder);
  const missing = modelFiles.filter((file) => !existsSync(path.join(place, file)));
  return missing.length > 0
    ? [`EMBEDDING_MODEL_PATH: ${place} has no ${missing.join(', no ')}. Name the folder of a model.`]
    : [];
}
