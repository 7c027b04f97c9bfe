import { factsOf } from '../agent/models.ts';
import { leastOfCall } from './least-call.ts';
import { estimateOf, type Pricing } from './prices.ts';

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

/**
 * Estimates a model call before it is made.
 * @param call.tokens system prompt, tools and conversation.
 * @param call.cached_tokens tokens that the provider's cache still holds.
 */
export function estimateTurn(
  call: { model: string; tokens: number; cached_tokens: number; max_output_tokens: number },
  pricing: Pricing,
): TurnEstimate {
  const fresh = Math.max(0, call.tokens - call.cached_tokens);
  const max_output_tokens = Math.min(call.max_output_tokens, factsOf(call.model, pricing).max_output);
  const cost = (output: number) =>
    estimateOf(call.model, { cached: call.cached_tokens, fresh, max_output: output }, pricing);
  return {
    max_output_tokens,
    full_micros: cost(max_output_tokens),
    minimum_micros: leastOfCall(
      call.model,
      { cached: call.cached_tokens, fresh, max_output: max_output_tokens },
      pricing,
    ),
    prompt_micros: cost(0),
  };
}

/** The output limit that the reserved money allows: at least one token, at most the estimate's limit. */
export function affordableOutput(
  { max_output_tokens, full_micros, prompt_micros }: TurnEstimate,
  reserved_micros: number,
): number {
  const outputPrice = (full_micros - prompt_micros) / max_output_tokens;
  return Math.max(1, Math.min(max_output_tokens, Math.floor((reserved_micros - prompt_micros) / outputPrice)));
}
