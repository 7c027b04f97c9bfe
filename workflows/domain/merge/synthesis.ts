type Result = Record<string, unknown>;

export const strategies = ['combine', 'union', 'intersection'] as const;
export type Strategy = (typeof strategies)[number];

/** The strategy of that name; combine without one. */
export const strategyOf = (name: string | null): Strategy => strategies.find((one) => one === name) ?? 'combine';

/**
 * Merges the results of several tasks (MERGE-04). combine: the first value per key, and every source's own result under
 * `_source_results`; union: the last value per key; intersection: only keys that all sources have, with the last value.
 */
export function synthesise(strategy: Strategy, sources: { id: string; result: Result }[]): Result {
  const all = sources.flatMap(({ result }) => Object.entries(result));
  if (strategy === 'union') return Object.fromEntries(all);
  if (strategy === 'intersection') {
    return Object.fromEntries(all.filter(([key]) => sources.every(({ result }) => key in result)));
  }
  const first: Result = {};
  for (const [key, value] of all) first[key] ??= value;
  return { ...first, _source_results: Object.fromEntries(sources.map(({ id, result }) => [id, result])) };
}
