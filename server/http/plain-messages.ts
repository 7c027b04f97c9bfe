import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const formats: Record<string, string> = {
  email: 'an e-mail address, such as ada@example.com',
  uuid: 'a UUID',
  guid: 'a UUID',
  url: 'a URL, such as https://example.com',
  datetime: 'a time in ISO 8601, such as 2026-01-31T08:00:00Z',
};
/** The unit of a size. A number has none. */
const units: Record<string, string> = { string: ' characters', array: ' entries', set: ' entries', map: ' entries' };

const inNumber = (count: number | bigint, unit: string) =>
  Number(count) === 1 ? unit.replace('entries', 'entry').replace('characters', 'character') : unit;

function sizeProblem(origin: string, verb: string, bound: number | bigint): string {
  const unit = inNumber(bound, units[origin] ?? '');
  return `must ${unit ? 'have' : 'be'} ${verb} ${bound}${unit}`;
}

/** The first problem of each form of a union. */
function unionProblem(forms: z.core.$ZodIssue[][]): string {
  const each = forms.map(([first]) => {
    if (!first) return '';
    const at = first.path.join('.');
    return at ? `${at} ${first.message}` : first.message;
  });
  return [...new Set(each.filter(Boolean))].join(', or ');
}

/**
 * What is wrong with a field and what to send instead, to stand behind the name of the field. A message that a contract
 * gives wins. Undefined for an issue that has its own message.
 */
export function plainMessage(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const kind = `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
      return issue.input === undefined ? `is missing; it ${kind}` : kind;
    }
    case 'too_small':
      if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'must not be empty';
      return sizeProblem(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return sizeProblem(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? 'in the format that /docs describes'}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has unknown fields; remove ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return unionProblem(issue.errors) || 'has none of the forms that /docs describes';
    case 'invalid_key':
    case 'invalid_element':
      return 'has an entry that is not valid; compare it with /docs';
    case 'custom':
      return undefined;
  }
}
