import {
  costOf,
  estimateOf,
  estimateTokens,
  priceOf,
  type PriceTable,
  type TokenCounts,
} from '#workflows/domain/billing/prices.ts';
import { scopeOf } from '#workflows/domain/billing/scopes.ts';
import type { CostEntry } from '#prisma/store/reservations.ts';
import type { Run } from '#prisma/store/runs.ts';

/** Prices in USD per million tokens, and how long the provider's cache keeps the conversation. */
export interface Pricing {
  prices: PriceTable;
  cache_ttl: '5m' | '1h';
}

/** The output limit (tokens) and the cost (micro-dollars) of a model call. */
export interface TurnEstimate {
  max_output_tokens: number;
  /** Cost with the maximum output. */
  full_micros: number;
  /** Cost with the least output that is useful. */
  minimum_micros: number;
  /** Cost without any output. */
  prompt_micros: number;
}

/** With fewer output tokens a call is not useful. */
const minimumOutput = 1024;

/**
 * Estimates a model call before it is made.
 * @param call.characters length of system prompt, tools and conversation.
 * @param call.cached_tokens tokens that the provider's cache still holds.
 */
export function estimateTurn(
  call: { model: string; characters: number; cached_tokens: number; max_output_tokens: number },
  { prices, cache_ttl }: Pricing,
): TurnEstimate {
  const fresh = Math.max(0, estimateTokens(call.characters) - call.cached_tokens);
  const cost = (output: number) =>
    estimateOf(call.model, { cached: call.cached_tokens, fresh, max_output: output }, cache_ttl, prices);
  return {
    max_output_tokens: call.max_output_tokens,
    full_micros: cost(call.max_output_tokens),
    minimum_micros: cost(Math.min(minimumOutput, call.max_output_tokens)),
    prompt_micros: cost(0),
  };
}

/** The output limit that the reserved money allows: at least one token, at most the estimate's limit. */
export function affordableOutput(
  { max_output_tokens, prompt_micros }: TurnEstimate,
  reserved_micros: number,
  outputPrice: number,
): number {
  return Math.max(1, Math.min(max_output_tokens, Math.floor((reserved_micros - prompt_micros) / outputPrice)));
}

/** Micro-dollars of one output token; USD per million tokens is the same number. */
export const outputPriceOf = (model: string, { prices }: Pricing): number => priceOf(model, prices).output;

/** The cost record of a call of a run. */
export function costEntry(
  run: Run,
  call: { key: string; usage: TokenCounts; provider: string; answered_by?: string },
  { prices, cache_ttl }: Pricing,
): CostEntry {
  return {
    key: call.key,
    ...scopeOf(run),
    run_id: run.id,
    kind: run.kind,
    provider: call.provider,
    model: call.answered_by || run.model,
    ...call.usage,
    ...costOf(run.model, call.usage, cache_ttl, prices),
  };
}
