/** Categories of a requirement: function, performance, security, usability, reliability, constraint. */
export const requirementCategories = ['FUNC', 'PERF', 'SEC', 'USE', 'REL', 'CON'] as const;

/** The pattern of each kind of id. The name of a feature may have several words: `REQ-TASK-EXPORT-FUNC-001`. */
export const idPatterns = {
  requirement: /^REQ-[A-Z0-9]+(?:-[A-Z0-9]+)*-(?:FUNC|PERF|SEC|USE|REL|CON)-\d{3,}$/,
  ticket: /^TKT-\d{3,}$/,
  task: /^TSK-\d{3,}$/,
  story: /^US-\d{3,}$/,
  design: /^DESIGN-[A-Z0-9]+(?:-[A-Z0-9]+)*-\d{3,}$/,
} as const;

/** Ids that occur more than once, each listed once, in the order of their second occurrence. */
export function duplicates(ids: readonly string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}
