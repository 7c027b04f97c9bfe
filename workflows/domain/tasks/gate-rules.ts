/** A condition on what is known: `scope` (it is there and not false), `test_coverage >= 80`, `length >= 500`. */
export interface Condition {
  name: string;
  operator?: '>=' | '<=' | '>' | '<' | '=';
  value?: number;
}

/** Values by name. Text has its length, and its headings and labels by name. */
export type Facts = Readonly<Record<string, unknown>>;
export type Verdict = 'met' | 'failed' | 'unverified';

const condition = /^(?!and$)([a-z][a-z0-9_]{0,59})(?:\s*(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?))?$/i;

/** The conditions of a rule; undefined where it is not a rule. */
export function parseRule(rule: string): Condition[] | undefined {
  const parts = rule.trim().split(/\s+and\s+/i);
  const parsed = parts.map((part) => condition.exec(part.trim()));
  if (parsed.includes(null)) return undefined;
  return parsed.map((match) => {
    const [, name = '', operator, value] = match ?? [];
    return operator ? { name, operator: operator as Condition['operator'], value: Number(value) } : { name };
  });
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (typeof value === 'string' && value.trim() === '') ||
  (typeof value === 'object' && Object.keys(value).length === 0);

function compare(found: number, { operator, value = 0 }: Condition): boolean {
  switch (operator) {
    case '>=':
      return found >= value;
    case '<=':
      return found <= value;
    case '>':
      return found > value;
    case '<':
      return found < value;
    default:
      return found === value;
  }
}

/** What a condition finds, in words. A number that nobody measured is unverified, never 0 */
export function judge(one: Condition, facts: Facts): { verdict: Verdict; words: string } {
  const found = Object.hasOwn(facts, one.name) ? facts[one.name] : undefined;
  if (one.operator === undefined) {
    if (found === false) return { verdict: 'failed', words: `${one.name} is false` };
    return isEmpty(found)
      ? { verdict: 'unverified', words: `nothing shows ${one.name}` }
      : { verdict: 'met', words: `${one.name} is there` };
  }
  const wanted = `${one.operator} ${one.value}`;
  if (typeof found !== 'number' || !Number.isFinite(found))
    return { verdict: 'unverified', words: `nothing measured ${one.name} (wanted ${wanted})` };
  return compare(found, one)
    ? { verdict: 'met', words: `${one.name} is ${found}` }
    : { verdict: 'failed', words: `${one.name} is ${found}, wanted ${wanted}` };
}

/** Headings (`## Acceptance criteria`) and labels (`Scope: ...`) with the text below them, by their names in a rule. */
function sectionsOf(text: string): Record<string, string> {
  const sections: Record<string, string[]> = {};
  let open: string[] | undefined;
  for (const line of text.split('\n')) {
    const [, heading, rest] =
      /^(?:#{1,6}\s+|\*\*)?([\p{L}][\p{L}\d _-]{1,58}?)(?:\*\*)?\s*(?::\s*(.*)|$)/u.exec(line) ?? [];
    const isHeading = /^(#{1,6}\s|\*\*)/.test(line) || (heading !== undefined && rest !== undefined);
    if (heading && isHeading) {
      open = [];
      if (rest) open.push(rest);
      sections[nameOf(heading)] = open;
    } else open?.push(line);
  }
  return Object.fromEntries(Object.entries(sections).map(([name, lines]) => [name, lines.join('\n').trim()]));
}

const nameOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, '_');

const textOf = (content: unknown): string => {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOf).join('\n');
  if (typeof content === 'object' && content !== null) return Object.values(content).map(textOf).join('\n');
  return '';
};

/** The facts of an artifact's content: its fields, and of text its length and sections. */
export function factsOf(content: unknown): Facts {
  const text = textOf(content);
  const fields = typeof content === 'object' && content !== null && !Array.isArray(content) ? content : {};
  return { ...sectionsOf(text), ...fields, length: text.trim().length };
}
