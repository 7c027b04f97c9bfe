import { isUtf8 } from 'node:buffer';
import type { FieldProblem } from '#workflows/domain/errors.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { textFlaw } from '#workflows/domain/text.ts';

/** A body that is nested deeper would overflow the stack of a recursive reader. */
const maxDepth = 100;
const notUtf8 = 'is not valid UTF-8; encode the text in UTF-8';

function valueProblem(value: unknown): string | undefined {
  // JSON has numbers that the runtime has not: 1e400 becomes Infinity, and would be stored as null.
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'is out of range; send a smaller number';
  const flaw = typeof value === 'string' && textFlaw(value);
  return flaw ? `holds ${flaw.problem}; remove it` : undefined;
}

/**
 * The fields of a value with a problem, in values and in keys.
 * @param part names the value itself: path, query or body.
 */
function problemsIn(value: unknown, part: string, problemOf: (value: unknown) => string | undefined): FieldProblem[] {
  const problems: FieldProblem[] = [];
  // A list instead of recursion: the depth of the value is not known yet.
  const open: { value: unknown; at: string; depth: number }[] = [{ value, at: '', depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, depth } = next;
    const problem = problemOf(next.value);
    if (problem) problems.push({ field: at || part, message: problem });
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (depth >= maxDepth) {
      problems.push({ field: part, message: `is nested deeper than ${maxDepth} levels; flatten it` });
      break;
    }
    for (const [key, inner] of Object.entries(next.value)) {
      const ofKey = problemOf(key);
      if (ofKey) problems.push({ field: at || part, message: `has a key that ${ofKey}` });
      else open.push({ value: inner, at: at ? `${at}.${key}` : key, depth: depth + 1 });
    }
  }
  return problems;
}

function refuse(problems: FieldProblem[], part: string): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, 3).map(({ field, message }) => `${field} ${message}`);
  throw new AppError('invalid_body', `The ${part} is not valid: ${shown.join('; ')}.`, problems.slice(0, 20));
}

/**
 * Refuses values that the database cannot store: text with a NUL character or half of a surrogate pair, in values and
 * in keys, and numbers that are not finite.
 * @param part names the value in the error: path, query or body.
 * @throws invalid_body with the fields.
 */
export const refuseUnsafeValues = (value: unknown, part: string): void =>
  refuse(problemsIn(value, part, valueProblem), part);

/**
 * Refuses a body of JSON that is not UTF-8. A decoder would replace its bytes, and the replacement would be stored.
 * @throws invalid_body with the fields; unsupported_media for another character set.
 */
export function requireUtf8Body(bytes: Buffer, charset: string): void {
  if (charset !== 'utf-8')
    throw new AppError('unsupported_media', `The character set ${charset} is not supported. Send JSON in UTF-8.`);
  if (isUtf8(bytes)) return;
  refuse(foreignFields(bytes), 'body');
}

function foreignFields(bytes: Buffer): FieldProblem[] {
  const whole = [{ field: 'body', message: notUtf8 }];
  try {
    // One character a byte. Escapes could stand for other characters, so they are left out.
    const parsed: unknown = JSON.parse(bytes.toString('latin1').replace(/\\(?:u[0-9a-f]{4}|.)/gi, '?'));
    const problems = problemsIn(parsed, 'body', (value) =>
      typeof value === 'string' && !isUtf8(Buffer.from(value, 'latin1')) ? notUtf8 : undefined,
    );
    return problems.length > 0 ? problems : whole;
  } catch {
    return whole;
  }
}

/** True when the percent-encoded or plain bytes of an address are not UTF-8. A single `%` stands for itself. */
function isForeign(text: string): boolean {
  const encoded = text.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  return (encoded.match(/(?:%[\da-f]{2})+/gi) ?? []).some((bytes) => {
    try {
      return decodeURIComponent(bytes) === '';
    } catch {
      return true;
    }
  });
}

/** @throws invalid_body with the parameters of an address's query that are not UTF-8. */
export function requireUtf8Query(address: string): void {
  const [, query = ''] = /\?(.*)/.exec(address) ?? [];
  const foreign = query.split('&').filter(isForeign);
  refuse(
    foreign.map((pair) => ({ field: [...new URLSearchParams(pair).keys()][0] ?? 'query', message: notUtf8 })),
    'query',
  );
}
