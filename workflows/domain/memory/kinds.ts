/** What a memory is about (MEM-02). */
export const memoryTypes = ['error_fix', 'decision', 'learning', 'warning', 'codebase_knowledge', 'discovery'] as const;
export type MemoryType = (typeof memoryTypes)[number];

/** Beginnings of words, in the order in which they decide. */
const signs: readonly [MemoryType, RegExp][] = [
  ['error_fix', /\b(?:fix|error|bug|issue)/i],
  ['decision', /\b(?:chose|decided|selected|choice)/i],
  ['learning', /\b(?:learn|found|realized|discovered)/i],
  ['warning', /\b(?:warning|gotcha|careful|watch)/i],
  ['codebase_knowledge', /\b(?:architecture|structure|pattern|design|system)/i],
];

/** The type of a memory by its words alone, where no model says it: the first sign that the text holds. */
export const typeByWords = (text: string): MemoryType => signs.find(([, sign]) => sign.test(text))?.[0] ?? 'discovery';

/** The parts of a project's playbook (MEM-08). */
export const playbookCategories = ['patterns', 'gotchas', 'best_practices', 'general'] as const;
export type PlaybookCategory = (typeof playbookCategories)[number];
