/** How much each kind of search counts in a hybrid one. */
export interface SearchWeights {
  semantic: number;
  keyword: number;
}

/** Dampens the difference between the first ranks (reciprocal rank fusion, Cormack et al. 2009). */
const damping = 60;
/** A list that lacks a hit counts it so many ranks behind its end. */
const behind = 10;

/**
 * MEM-03: joins two lists of ids, best first, by reciprocal rank fusion: `ws / (60 + rank_s) + wk / (60 + rank_k)`, ranks
 * from 1.
 * @returns the score of each id.
 */
export function fusedScores(
  semantic: readonly string[],
  keyword: readonly string[],
  weights: SearchWeights,
): Map<string, number> {
  const rankIn = (list: readonly string[]) => {
    const ranks = new Map(list.map((id, i) => [id, i + 1]));
    return (id: string) => ranks.get(id) ?? list.length + behind;
  };
  const [bySense, byWords] = [rankIn(semantic), rankIn(keyword)];
  return new Map(
    [...new Set([...semantic, ...keyword])].map((id) => [
      id,
      weights.semantic / (damping + bySense(id)) + weights.keyword / (damping + byWords(id)),
    ]),
  );
}

/** How often what was remembered was given to attempts, and how these ended. */
export interface Uses {
  helped: number;
  failed: number;
}

/**
 * What past uses make of a rank, from 0 to 2; 1 where nothing is known. Twice the expected share of successes after a
 * uniform prior (Laplace's rule of succession), so that one bad use does not bury a memory and three do.
 */
export const usefulness = ({ helped, failed }: Uses): number => (2 * (helped + 1)) / (helped + failed + 2);

/** Days after which an entry that nothing supports again counts half. */
const halfLifeDays = 180;

/** How much an entry of a playbook counts beside others: its priority (1 to 10), use and age. */
export const standing = (
  entry: Uses & { priority: number; supports: number; confirmed_at: Date },
  now: Date,
): number => {
  const days = Math.max(0, now.getTime() - entry.confirmed_at.getTime()) / 86_400_000;
  return (
    (entry.priority / 5) * usefulness(entry) * (1 + Math.log2(1 + entry.supports) / 4) * 0.5 ** (days / halfLifeDays)
  );
};
