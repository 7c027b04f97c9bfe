type Result = Record<string, unknown>;

export type Strategy = 'combine' | 'union' | 'intersection';

/**
 * MERGE-04: results of several tasks as one. combine: every source's own result beside the first value per key;
 * union: the last value per key; intersection: keys that all have, with the last value.
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
