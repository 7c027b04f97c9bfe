/** Cosine similarities by which memories and rules are compared (MEM-01, 07, 08). */
export const memoryThresholds = { same: 0.95, related: 0.7, rule: 0.85 } as const;

/** Successes of a type of task from which on its pattern is tried. */
export const patternFrom = 2;
/** Confidence from which on a pattern is suggested (MEM-05). */
export const suggestedFrom = 0.5;
