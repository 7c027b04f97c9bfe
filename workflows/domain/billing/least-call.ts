import { factsOf } from '../agent/models.ts';
import { estimateOf, type Pricing } from './prices.ts';

/** With fewer output tokens an answer may be cut off inside a call, and paid for in vain: the run asks before it. */
const leastOutput = 8192;

/** Tokens of an agent's first request, above those of today's longest instructions and tools. */
const firstPrompt = 12_000;

/** The least money in micro-dollars that a call of a model gets: without it no call is made. */
export const leastOfCall = (
  model: string,
  { cached, fresh, max_output }: { cached: number; fresh: number; max_output: number },
  pricing: Pricing,
): number => estimateOf(model, { cached, fresh, max_output: Math.min(leastOutput, max_output) }, pricing);

/** The least money in micro-dollars of the first call of work that is not begun. */
export const leastOfFirstCall = (model: string, settings: Pricing & { max_output_tokens: number }): number =>
  leastOfCall(
    model,
    {
      cached: 0,
      fresh: firstPrompt,
      max_output: Math.min(settings.max_output_tokens, factsOf(model, settings).max_output),
    },
    settings,
  );

/** The small calls before the first agent of a ticket: its title and the analysis of its task. */
const smallCalls = { count: 2, fresh: 4000, max_output: 1000 };

/** The least budget in micro-dollars with which the first call of a ticket is made after the small calls before it. */
export const leastOfWork = (model: string, settings: Pricing & { max_output_tokens: number }): number =>
  leastOfFirstCall(model, settings) + smallCalls.count * leastOfCall(model, { cached: 0, ...smallCalls }, settings);

/** Whether a budget is too low for a call. What running calls hold may come back, so it counts as there. */
export const isShort = (budget: { limit_micros: number; spent_micros: number }, least: number): boolean =>
  budget.limit_micros - budget.spent_micros < least;
