import { posix } from 'node:path';

/**
 * The candidates most similar to a name, best first, above a minimum similarity. Paths are compared by their last
 * part; the whole path decides between equal ones.
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

/**
 * Share of letter pairs in common (0 to 1, close to Dice's coefficient), without letter case and separators. It must
 * be fast for a hundred thousand lines, since it blocks the worker.
 */
export function likenessTo(wanted: string): (other: string) => number {
  const letters = lettersOf(wanted);
  const pairs = new Set<string>();
  for (let at = 0; at + 1 < letters.length; at += 1) pairs.add(letters.slice(at, at + 2));
  const most = Math.max(letters.length - 1, 0);

  return (name) => {
    // The lengths differ too much for the minimum similarity.
    if (name.length > 4 * wanted.length + 8 || 4 * name.length + 8 < wanted.length) return 0;
    const other = lettersOf(name);
    const all = most + Math.max(other.length - 1, 0);
    if (all === 0) return Number(letters === other);
    let common = 0;
    for (let at = 0; at + 1 < other.length; at += 1) if (pairs.has(other.slice(at, at + 2))) common += 1;
    return (2 * Math.min(common, most)) / all;
  };
}

const lettersOf = (text: string): string => text.toLowerCase().replace(/[\s_./-]+/g, '');
