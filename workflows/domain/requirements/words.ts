/** The normative keywords of RFC 2119, longest first where one begins another. */
export const keywords = ['SHALL NOT', 'SHALL', 'MUST NOT', 'MUST', 'SHOULD NOT', 'SHOULD', 'MAY'] as const;
export type Keyword = (typeof keywords)[number];

export const triggers = ['WHEN', 'WHILE', 'IF', 'WHERE'] as const;
type Trigger = (typeof triggers)[number];

/**
 * How requirements are worded in a language beside English. Keys are the English words of EARS; values are what
 * stands for them, in any case: `{ WHEN: ['wenn', 'sobald'], MUST: ['muss'], SYSTEM: ['das System'] }`.
 */
export type EarsWords = Partial<Record<Keyword | Trigger | 'THEN' | 'SYSTEM', string[]>>;
export const wordKeys = [...keywords, ...triggers, 'THEN', 'SYSTEM'] as const;

const letters = '[\\p{L}\\p{N}_-]';
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');

/** Source of a pattern: one of the texts as whole words. */
export const wholeWords = (texts: readonly string[]) =>
  `(?<!${letters})(?:${texts
    .toSorted((a, b) => b.length - a.length)
    .map(escaped)
    .join('|')})(?!${letters})`;

/** The texts that stand for some of the words, the English ones first. */
export const textsFor = (keys: readonly (keyof EarsWords)[], words: EarsWords = {}): string[] =>
  keys.flatMap((key) => [key === 'SYSTEM' ? 'THE SYSTEM' : key, ...(words[key] ?? [])]);

/** The English word that a text stands for. */
export function wordOf<K extends keyof EarsWords>(text: string, keys: readonly K[], words: EarsWords = {}): K {
  const same = comparable(text);
  return (
    keys.find((key) => textsFor([key], words).some((candidate) => comparable(candidate) === same)) ?? (keys[0] as K)
  );
}

const comparable = (text: string) => text.toLowerCase().replace(/\s+/g, ' ');
