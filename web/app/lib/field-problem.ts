interface Refused {
  details?: unknown;
}

/** What is wrong with a refused body, each with its place. */
export const problemsOf = (error: Refused | undefined) =>
  (Array.isArray(error?.details) ? error.details : []) as { field?: string; message?: string }[];

/** What is wrong with a field of a refused body, wherever in it the field is, as a sentence that begins with the field's name; undefined for nothing. */
export function fieldProblem(error: Refused | undefined, field: string, name: string): string | undefined {
  const problem = problemsOf(error).find((one) => one.field === field || String(one.field).endsWith(`.${field}`));
  return typeof problem?.message === 'string' ? `${name} ${problem.message}.` : undefined;
}

/** Whether all that is wrong is shown at these fields. */
export const isAtFields = (error: Refused | undefined, fields: readonly string[]): boolean =>
  problemsOf(error).length > 0 && problemsOf(error).every(({ field }) => fields.includes(String(field)));
