/** USD per million tokens by the longest matching prefix of the model's id; `''` is for an unknown model. */
export type PriceTable = Record<string, { input: number; output: number }>;

export const defaultPrices: PriceTable = {
  '': { input: 3, output: 15 },
  'claude-opus': { input: 15, output: 75 },
  'claude-opus-4-5': { input: 5, output: 25 },
  'claude-opus-4-6': { input: 5, output: 25 },
  'claude-opus-4-7': { input: 5, output: 25 },
  'claude-opus-4-8': { input: 5, output: 25 },
  'claude-opus-5': { input: 5, output: 25 },
  'claude-sonnet': { input: 3, output: 15 },
  'claude-haiku': { input: 0.25, output: 1.25 },
  'claude-haiku-4-5': { input: 1, output: 5 },
  'claude-haiku-5': { input: 1, output: 5 },
  'gpt-4-turbo': { input: 10, output: 30 },
  'gpt-4': { input: 30, output: 60 },
  'gpt-3.5-turbo': { input: 0.5, output: 1.5 },
  'text-embedding-3-small': { input: 0.02, output: 0 },
  'text-embedding-3-large': { input: 0.13, output: 0 },
};

/** Price of a cached token as a share of an input token: to read it, and to write it for five minutes or one hour. */
const cacheFactors = { read: 0.1, write_5m: 1.25, write_1h: 2 } as const;

export interface TokenCounts {
  /** Neither read from the cache nor written to it. */
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
}

/** The price of a model in USD per million tokens. An unknown model has the price of `''`, else 3 and 15. */
export function priceOf(model: string, table: PriceTable): { input: number; output: number } {
  const name = Object.keys(table)
    .filter((prefix) => model.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  return (name !== undefined ? table[name] : undefined) ?? { input: 3, output: 15 };
}

/** The cost of a call in micro-dollars. USD per million tokens equals micro-dollars per token. */
export function costOf(
  model: string,
  usage: TokenCounts,
  cacheTtl: '5m' | '1h',
  table: PriceTable,
): { input_micros: number; output_micros: number; cost_micros: number } {
  const price = priceOf(model, table);
  const write = cacheTtl === '1h' ? cacheFactors.write_1h : cacheFactors.write_5m;
  const inputTokens =
    usage.input_tokens + usage.cache_read_tokens * cacheFactors.read + usage.cache_write_tokens * write;
  const input_micros = Math.round(inputTokens * price.input);
  const output_micros = Math.round(usage.output_tokens * price.output);
  return { input_micros, output_micros, cost_micros: input_micros + output_micros };
}

/**
 * The highest cost of a call in micro-dollars, reserved before the call is made.
 * @param tokens `cached`: tokens that are still in the provider's cache, 0 when it has expired.
 */
export function estimateOf(
  model: string,
  tokens: { cached: number; fresh: number; max_output: number },
  cacheTtl: '5m' | '1h',
  table: PriceTable,
): number {
  return costOf(
    model,
    {
      input_tokens: 0,
      cache_read_tokens: tokens.cached,
      cache_write_tokens: tokens.fresh,
      output_tokens: tokens.max_output,
    },
    cacheTtl,
    table,
  ).cost_micros;
}

/** Estimated tokens of a text before the provider has counted them: 3.5 characters each, rounded up. */
export const estimateTokens = (characters: number) => Math.ceil(characters / 3.5);
