import { costOf, type Pricing } from './prices.ts';

/** A range of costs in micro-dollars. Eight of ten times the cost lies between `low` and `high`. */
export interface CostRange {
  low: number;
  mid: number;
  high: number;
}

/** With fewer finished pieces of work, their spread says too little about the next ones. */
export const leastSimilar = 5;

/** The rule for work that is like nothing finished: an assumption, no measurement. */
export const assumed = { tokens_per_task: 5000, buffer: 1.2, retries: 1.15, factor: 1.5 } as const;

/** The range of so many tasks of which nothing is known: half of the tokens are input, half output. */
export function assumedRange(tasks: number, model: string, pricing: Pricing): CostRange {
  const half = (tasks * assumed.tokens_per_task) / 2;
  const usage = { input_tokens: half, output_tokens: half, cache_read_tokens: 0, cache_write_tokens: 0 };
  const low = costOf(model, usage, pricing).cost_micros;
  return {
    low,
    mid: Math.round(low * assumed.buffer),
    high: Math.round(low * assumed.retries * assumed.factor),
  };
}

/** The 90 % quantile of Student's t distribution by the Cornish-Fisher expansion: to 0.01 from 3 degrees upward. */
function t90(degrees: number): number {
  const z = 1.281552;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

/** The variance of logarithms above which a history is a mixture: more would make a range that says nothing. */
const widest = 2.25;

/**
 * The range of the cost of `count` pieces of work, from what similar ones have cost. Costs of work are skewed, so their
 * logarithms are taken as normal (Fenton and Wilkinson for the sum); what a short history leaves open widens the range.
 * @param history at least two costs above 0
 */
export function rangeFromHistory(history: readonly number[], count: number): CostRange {
  const logs = history.map(Math.log);
  const n = logs.length;
  const mean = logs.reduce((sum, x) => sum + x, 0) / n;
  const variance = Math.min(widest, logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
  const spread = Math.log1p(Math.expm1(variance) / count);
  const middle = Math.log(count) + mean + (variance - spread) / 2;
  // How much the middle moves with the estimated variance.
  const slope = (1 - Math.exp(variance) / (count + Math.expm1(variance))) / 2;
  const unsure = variance / n + (slope ** 2 * 2 * variance ** 2) / (n - 1);
  const reach = t90(n - 1) * Math.sqrt(spread + unsure);
  const at = (distance: number) => Math.round(Math.exp(middle + distance));
  return { low: at(-reach), mid: at(0), high: at(reach) };
}

/** Where the numbers of a forecast come from. */
type ForecastBasis = 'project' | 'organization' | 'assumption';

export interface Forecast extends CostRange {
  basis: ForecastBasis;
  /** Finished pieces of work of the same kind that the range is made from, or that were too few. */
  similar: number;
}

/**
 * The cost of so many pieces of work: from the project's finished ones, else the organization's, else by the rule.
 * @param assume the range by the rule, where there are too few
 */
export function forecastOf(
  history: { project: readonly number[]; organization: readonly number[] },
  count: number,
  assume: () => CostRange,
): Forecast {
  for (const basis of ['project', 'organization'] as const) {
    const costs = history[basis].filter((cost) => cost > 0);
    if (costs.length >= leastSimilar) return { ...rangeFromHistory(costs, count), basis, similar: costs.length };
  }
  return {
    ...assume(),
    basis: 'assumption',
    similar: Math.max(history.project.length, history.organization.length),
  };
}

/** The range of work of which a part is spent. */
export const afterSpending = ({ low, mid, high }: CostRange, spent: number): CostRange => ({
  low: spent + low,
  mid: spent + mid,
  high: spent + high,
});
