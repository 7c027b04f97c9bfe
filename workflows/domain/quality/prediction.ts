/** What earlier work says of a task. */
export interface Evidence {
  /** Cosine similarity and end of each similar task. */
  similar: readonly { similarity: number; success: boolean }[];
  /** Confidence, and number of signs, of each pattern that matches. */
  patterns: readonly { confidence: number; indicators: number }[];
}

export interface Prediction {
  /** 0 to 1. */
  score: number;
  confidence: number;
  risk: 'low' | 'medium' | 'high';
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
/** Similar tasks and patterns from which on more of them add no certainty. */
const [enoughTasks, enoughPatterns, enoughSigns] = [5, 3, 5];
/** What one kind of evidence alone is worth. */
const alone = 0.7;

/**
 * MEM-11: how likely a task succeeds. `0.6 * share of successes * mean similarity + 0.4 * mean confidence * min(mean signs /
 * 5, 1)`; 0.5 without evidence.
 */
export function predict({ similar, patterns }: Evidence): Prediction {
  const [some, more] = [similar.length > 0, patterns.length > 0];
  const byTasks = some
    ? 0.6 * mean(similar.map(({ success }) => Number(success))) * mean(similar.map(({ similarity }) => similarity))
    : 0;
  const byPatterns = more
    ? 0.4 *
      mean(patterns.map(({ confidence }) => confidence)) *
      Math.min(mean(patterns.map(({ indicators }) => indicators)) / enoughSigns, 1)
    : 0;
  const score = some || more ? byTasks + byPatterns : 0.5;
  const tasks = Math.min(similar.length / enoughTasks, 1);
  const known = Math.min(patterns.length / enoughPatterns, 1);
  const confidence = some && more ? (tasks + known) / 2 : some || more ? alone * (tasks + known) : 0.1;
  const low = score > 0.8 && confidence > 0.7;
  const high = score < 0.4 || confidence < 0.3;
  return { score, confidence, risk: low ? 'low' : high ? 'high' : 'medium' };
}
