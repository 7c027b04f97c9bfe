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

/**
 * Share of neighbouring letters in common (close to Dice's coefficient, 0 to 1), letter case and separators left out.
 * Fast enough for a hundred thousand lines, since a worker does nothing else meanwhile.
 */
export function likenessTo(wanted: string): (other: string) => number {
  const letters = lettersOf(wanted);
  const pairs = new Set<string>();
  for (let at = 0; at + 1 < letters.length; at += 1) pairs.add(letters.slice(at, at + 2));
  const most = Math.max(letters.length - 1, 0);

  return (name) => {
    // Too short or too long to be like it, whatever it says.
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
