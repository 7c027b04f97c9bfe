import { normalised } from '../comparable-text.ts';

export const patternTypes = ['success', 'failure', 'optimization'] as const;
export type PatternType = (typeof patternTypes)[number];

/** What a pattern is made from: a memory of one attempt. */
export interface Sample {
  /** What is said of the attempt. */
  text: string;
  tools: string[];
  files: string[];
  tags: string[];
}

const common = new Set(
  'about after also been before being both could does done each from have into just like made make more most must next only other over same should some such than that their them then there these they this those through under used uses using very were what when where which while will with would your'.split(
    ' ',
  ),
);

/** What is in at least half of the lists, the most frequent first. */
function shared(lists: string[][], most: number): string[] {
  const counts = new Map<string, number>();
  for (const list of lists) for (const item of new Set(list)) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= Math.max(2, lists.length / 2))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([item]) => item);
}

const wordsOf = (text: string) =>
  (normalised(text).match(/[\p{L}][\p{L}\p{N}_-]{3,}/gu) ?? []).filter((word) => !common.has(word));

/** MEM-04: what samples have in common: words, tools, files and tags. */
export const commonTo = (samples: readonly Sample[]) => ({
  indicators: [
    ...shared(
      samples.map(({ text }) => wordsOf(text)),
      8,
    ),
    ...shared(
      samples.map(({ tools }) => tools),
      4,
    ),
  ],
  recommended_context: {
    files: shared(
      samples.map(({ files }) => files),
      10,
    ),
    tags: shared(
      samples.map(({ tags }) => tags),
      10,
    ),
  },
});

/** Samples from which a pattern is certain. */
const certain = 10;

/** How far a pattern of so many samples is believed, with what people said of it; 0 to 1. */
export const confidenceOf = (samples: number, adjustment = 0): number =>
  Math.min(1, Math.max(0, Math.min(1, samples / certain) + adjustment));

/** The pattern of a type of task, as a regular expression for its type and its title. */
export const patternOfType = (taskType: string): string => `^${taskType.replace(/[^a-z0-9_]/gi, '.')}\\M`;
