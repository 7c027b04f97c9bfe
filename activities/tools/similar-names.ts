import { posix } from 'node:path';

/**
 * The candidates nearest to a name, best first; none that has little in common with it. Paths are compared by
 * their last part, and by the whole to tell equal ones apart.
 */
export function similarNames(wanted: string, candidates: Iterable<string>, most: number): string[] {
  const likeBase = likenessTo(posix.basename(wanted));
  const likeWhole = likenessTo(wanted);
  return [...new Set(candidates)]
    .map((name) => ({ name, score: likeBase(posix.basename(name)) + likeWhole(name) / 2 }))
    .filter(({ score }) => score >= 0.6)
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** Share of letter pairs in common (Dice's coefficient, 0 to 1), letter case and separators left out. */
export function likenessTo(wanted: string): (other: string) => number {
  const pairs = pairsOf(wanted);
  return (other) => {
    const others = pairsOf(other);
    const common = [...others].reduce((sum, [pair, count]) => sum + Math.min(count, pairs.get(pair) ?? 0), 0);
    const all = total(pairs) + total(others);
    return all === 0 ? Number(wanted === other) : (2 * common) / all;
  };
}

function pairsOf(text: string): Map<string, number> {
  const letters = text.toLowerCase().replace(/[\s_./-]+/g, '');
  const pairs = new Map<string, number>();
  for (let at = 0; at + 1 < letters.length; at += 1) {
    const pair = letters.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

const total = (pairs: Map<string, number>): number => [...pairs.values()].reduce((sum, count) => sum + count, 0);
