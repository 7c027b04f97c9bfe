import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EmbeddingsPort } from '../../ports/embeddings.ts';
import type { Created } from '../provider.ts';
import { asStored } from './vectors.ts';

const library = '@huggingface/transformers';
const tested = '4.3.2';

interface Output {
  tolist(): number[][];
}
type Pipeline = ((texts: string[], options: object) => Promise<Output>) & { dispose(): Promise<void> };
interface Library {
  env: { allowRemoteModels: boolean };
  pipeline(task: string, model: string, options: object): Promise<Pipeline>;
}

const textsPerPass = 16;

/**
 * A model that runs in this process, from files alone.
 * @param folder with config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx
 * @param name of the model; by default the folder's. Models with e5 in it are told whether a text is a query or a passage.
 * @throws when the library is missing.
 */
export async function createLocalEmbeddings(folder: string, name?: string): Promise<Created<EmbeddingsPort>> {
  const place = path.resolve(folder);
  const model = name ?? path.basename(place);
  const { env, pipeline } = await load();
  // Never asks anybody: the files are here.
  env.allowRemoteModels = false;
  let loading: Promise<Pipeline> | undefined;
  // Loaded with the first text, since a process that never embeds needs no memory for it.
  const loaded = () => (loading ??= pipeline('feature-extraction', place, { dtype: 'fp32', device: 'cpu' }));
  const port: EmbeddingsPort = {
    provider: 'local',
    model: `local:${model}`,
    semantic: true,
    async embed(texts, role) {
      const run = await loaded();
      const marked = /(^|[^a-z0-9])e5([^a-z0-9]|$)/i.test(model) ? texts.map((text) => `${role}: ${text}`) : texts;
      const vectors: number[][] = [];
      for (let at = 0; at < marked.length; at += textsPerPass) {
        const output = await run(marked.slice(at, at + textsPerPass), { pooling: 'mean', normalize: true });
        vectors.push(...output.tolist().map((vector) => asStored(vector, model)));
      }
      // Nobody is paid for what runs here.
      return { vectors, tokens: 0 };
    },
  };
  return { port, close: async () => (await loading)?.dispose() };
}

/** The library is installed by those who use it: with its runtime it is larger than OmoiOS. */
async function load(): Promise<Library> {
  try {
    const entry = createRequire(import.meta.url).resolve(library);
    return (await import(pathToFileURL(entry).href)) as Library;
  } catch (error) {
    throw new Error(
      `EMBEDDING_PROVIDER: local needs ${library}, which cannot be loaded (${String(error).split('\n')[0]}). Run npm install --no-save ${library}@${tested} in the folder of OmoiOS.`,
    );
  }
}
