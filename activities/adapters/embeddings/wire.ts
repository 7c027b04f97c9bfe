import OpenAI from 'openai';
import pRetry from 'p-retry';
import type { EmbeddingsPort } from '../../ports/embeddings.ts';
import { proxyAgent, type ProxyVariables } from '../model/proxy.ts';
import { asStored, dimensions } from './vectors.ts';

interface WireOptions {
  provider: string;
  url: string;
  key: string | undefined;
  model: string;
  environment: ProxyVariables;
  /** Milliseconds of the first wait, which doubles with each. */
  wait_ms?: number;
}

const textsPerRequest = 64;

/** Models that give as many numbers as they are asked for. Others refuse to be asked. */
const shortens = /text-embedding-3|qwen3-embedding/i;

/** Passes by itself: the network, a timeout, too many requests, a fault of the server. */
const isTransient = (error: unknown) =>
  error instanceof OpenAI.APIConnectionError ||
  (error instanceof OpenAI.APIError && [408, 409, 429].includes(error.status ?? 0)) ||
  (error instanceof OpenAI.APIError && (error.status ?? 0) >= 500);

/** Embeddings of OpenAI, Fireworks, or any server with this interface. */
export function createWireEmbeddings({ provider, url, key, model, environment, wait_ms = 1000 }: WireOptions) {
  const dispatcher = proxyAgent(environment);
  const client = new OpenAI({
    // A server without keys is asked with a word that is none.
    apiKey: key ?? 'none',
    baseURL: url,
    // Set explicitly, so that the SDK reads none of them from the environment: the settings decide.
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: 20_000,
    ...(dispatcher ? { fetchOptions: { dispatcher } } : {}),
  });
  const ask = (input: string[]) =>
    client.embeddings.create({
      ...{ model, input },
      // The SDK would ask for another form, which many servers do not know.
      encoding_format: 'float',
      ...(shortens.test(model) ? { dimensions } : {}),
    });
  /** Three tries; between them min(10, 2^n + random) seconds, n from 0. */
  const tried = (input: string[]) =>
    pRetry(() => ask(input), {
      ...{ retries: 2, minTimeout: wait_ms, factor: 2, maxTimeout: 10 * wait_ms, randomize: true },
      shouldRetry: ({ error }) => isTransient(error),
    });
  const port: EmbeddingsPort = {
    provider,
    model: `${provider}:${model}`,
    semantic: true,
    async embed(texts) {
      const vectors: number[][] = [];
      let tokens = 0;
      for (let at = 0; at < texts.length; at += textsPerRequest) {
        // An empty text is refused.
        const input = texts.slice(at, at + textsPerRequest).map((text) => text.trim() || '-');
        const { data, usage } = await tried(input);
        const found = [...data].sort((a, b) => a.index - b.index).map(({ embedding }) => asStored(embedding, model));
        if (found.length !== input.length)
          throw new Error(`${model} gave ${found.length} vectors for ${input.length} texts.`);
        vectors.push(...found);
        tokens += usage?.total_tokens ?? 0;
      }
      return { vectors, tokens };
    },
  };
  return port;
}
