import type { PlaybookCategory } from './kinds.ts';

/** An error that feedback names, with the text around it. */
export interface FoundError {
  /** The name of the error, such as `TypeError`; `generic` where the text names none. */
  type: string;
  /** At most 100 characters before and after. */
  context: string;
}

/** A rule for later work, in one sentence. */
export interface Insight {
  category: PlaybookCategory;
  content: string;
  /** 0 to 1. */
  confidence: number;
}

const around = 100;
const namedError = /\b[A-Z][A-Za-z0-9]*(?:Error|Exception)\b/g;
const anyError = /\b(?:failed|error|exception)\b/i;

/** MEM-07: the errors that a feedback names, each type once, and one that it names in general words. */
export function errorsIn(feedback: string): FoundError[] {
  const at = (type: string, index: number, length: number): FoundError => ({
    type,
    context: feedback.slice(Math.max(0, index - around), index + length + around).trim(),
  });
  const named = new Map<string, FoundError>();
  for (const match of feedback.matchAll(namedError))
    if (!named.has(match[0])) named.set(match[0], at(match[0], match.index, match[0].length));
  const generic = anyError.exec(feedback);
  return [...named.values(), ...(generic ? [at('generic', generic.index, generic[0].length)] : [])];
}

const signs: readonly [PlaybookCategory, RegExp][] = [
  ['patterns', /\b(?:always|never|must|should)\b/i],
  ['gotchas', /\b(?:careful|watch out|gotcha)/i],
  ['best_practices', /\b(?:prefer|recommend)/i],
];
/** What the words of a rule are worth without a model's judgement. */
const confidence = 0.7;
export const insightLength = { least: 10, most: 500 } as const;

/** MEM-07: the sentences of a text that read like a rule, each once. */
export function insightsIn(text: string): Insight[] {
  const sentences = text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.replace(/^[\s>#*-]+/, '').trim())
    .filter(({ length }) => length >= insightLength.least && length <= insightLength.most);
  return [...new Set(sentences)].flatMap((content) => {
    const sign = signs.find(([, words]) => words.test(content));
    return sign ? [{ category: sign[0], content, confidence }] : [];
  });
}
