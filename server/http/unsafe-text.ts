import type { FieldProblem } from '#workflows/domain/errors.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { textFlaw } from '#workflows/domain/text.ts';

/** A body that is nested deeper would overflow the stack of a recursive reader. */
const maxDepth = 100;

function textProblem(text: string): string | undefined {
  const flaw = textFlaw(text);
  return flaw && `holds ${flaw.problem}; remove it`;
}

/**
 * Refuses text that the database cannot store: a NUL character or half of a surrogate pair, in values and in keys.
 * @param part names the value in the error: path, query or body.
 * @throws invalid_body with the fields.
 */
export function refuseUnsafeText(value: unknown, part: string): void {
  const problems: FieldProblem[] = [];
  // A list instead of recursion: the depth of the value is not known yet.
  const open: { value: unknown; at: string; depth: number }[] = [{ value, at: '', depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, depth } = next;
    const problem = typeof next.value === 'string' ? textProblem(next.value) : undefined;
    if (problem) problems.push({ field: at || part, message: problem });
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (depth >= maxDepth) {
      problems.push({ field: part, message: `is nested deeper than ${maxDepth} levels; flatten it` });
      break;
    }
    for (const [key, inner] of Object.entries(next.value)) {
      const ofKey = textProblem(key);
      if (ofKey) problems.push({ field: at || part, message: `has a key that ${ofKey}` });
      else open.push({ value: inner, at: at ? `${at}.${key}` : key, depth: depth + 1 });
    }
  }
  if (problems.length === 0) return;
  const shown = problems.slice(0, 3).map(({ field, message }) => `${field} ${message}`);
  throw new AppError('invalid_body', `The ${part} is not valid: ${shown.join('; ')}.`, problems.slice(0, 20));
}
