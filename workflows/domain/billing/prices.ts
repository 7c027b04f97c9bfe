import { factsOf, type FoundModel, type ModelSettings } from '../agent/models.ts';
import type { Prices } from '../agent/model-facts.ts';

export interface TokenCounts {
  /** Neither read from the cache nor written to it. */
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
}

/** The settings that decide what a call costs. */
export type Pricing = ModelSettings & {
  /** How long the provider's cache keeps the conversation. */
  cache_ttl: '5m' | '1h';
};

/** The prices for a prompt of this many tokens. */
function pricesFor({ prices }: FoundModel, promptTokens: number): Prices {
  const step = prices.find(({ up_to }) => up_to === undefined || promptTokens <= up_to) ?? prices.at(-1);
  return step as Prices;
}

/** The cost of a call in micro-dollars. USD per million tokens equals micro-dollars per token. */
export function costOf(
  model: string,
  usage: TokenCounts,
  { cache_ttl, ...settings }: Pricing,
): { input_micros: number; output_micros: number; cost_micros: number } {
  const { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens } = usage;
  const price = pricesFor(factsOf(model, settings), input_tokens + cache_read_tokens + cache_write_tokens);
  const input_micros = Math.round(
    input_tokens * price.input +
      cache_read_tokens * price.cache_read +
      cache_write_tokens * (cache_ttl === '1h' ? price.cache_write_1h : price.cache_write_5m),
  );
  const output_micros = Math.round(output_tokens * price.output);
  return { input_micros, output_micros, cost_micros: input_micros + output_micros };
}

/**
 * The highest cost of a call in micro-dollars, reserved before the call is made.
 * @param tokens `cached`: tokens that are still in the provider's cache, 0 when it has expired.
 */
export function estimateOf(
  model: string,
  tokens: { cached: number; fresh: number; max_output: number },
  pricing: Pricing,
): number {
  const usage = {
    input_tokens: 0,
    cache_read_tokens: tokens.cached,
    cache_write_tokens: tokens.fresh,
    output_tokens: tokens.max_output,
  };
  return costOf(model, usage, pricing).cost_micros;
}

/** Estimated tokens of a text before the provider has counted them: 3.5 characters each, rounded up. */
export const estimateTokens = (characters: number) => Math.ceil(characters / 3.5);

const patch = 28;

/** Tokens of an image, which the provider scales to the model's limits before it counts. */
export function imageTokens(width: number, height: number, { max_side, max_tokens }: FoundModel['images']): number {
  const scale = Math.min(1, max_side / Math.max(width, height, 1));
  const patches = Math.ceil((width * scale) / patch) * Math.ceil((height * scale) / patch);
  return Math.min(patches, max_tokens);
}
