/** EARS, the Easy Approach to Requirements Syntax (Mavin et al., 2009), with the keywords of RFC 2119. */
export type EarsForm = 'ubiquitous' | 'event' | 'state' | 'unwanted' | 'complex' | 'optional';

export interface Ears {
  form: EarsForm;
  /** The text between trigger word and subject. `s, WHEN t` in a complex one; empty in a ubiquitous one. */
  condition: string;
  /** The actor, as written: `THE SYSTEM`. */
  subject: string;
  /** In capitals: `SHALL`, `MUST NOT` ... */
  keyword: string;
  action: string;
}

const triggers = { event: 'WHEN', state: 'WHILE', complex: 'WHILE', unwanted: 'IF', optional: 'WHERE' } as const;
const formOf: Record<string, EarsForm> = { WHEN: 'event', WHILE: 'state', IF: 'unwanted', WHERE: 'optional' };

const keywords = '(?:SHALL|MUST|SHOULD)(?: NOT)?|MAY';
const plain = `^([^,]+?) (${keywords}) (.+)$`;
// The condition ends at the last comma before the subject, or, where the comma is missing, at "the system".
const triggered = `^(.+?)(?:, ?| (?=[Tt][Hh][Ee] [Ss][Yy][Ss][Tt][Ee][Mm] ))([^,]+?) (${keywords}) (.+)$`;

/** The parts of a requirement's sentence, or undefined when it has no EARS form. */
export function parseEars(sentence: string): Ears | undefined {
  const text = sentence.trim().replace(/\s+/g, ' ');
  const trigger = /^(when|while|if|where) /i.exec(text)?.[1];
  const rest = trigger ? text.slice(trigger.length + 1) : text;
  // Capitals first: a lower-case "may" inside a condition is not the keyword when a SHALL follows.
  const parts =
    new RegExp(trigger ? triggered : plain).exec(rest) ?? new RegExp(trigger ? triggered : plain, 'i').exec(rest);
  if (!parts) return undefined;

  const [condition = '', subject = '', keyword = '', action = ''] = trigger ? parts.slice(1) : ['', ...parts.slice(1)];
  const form = formOf[trigger?.toUpperCase() ?? ''] ?? 'ubiquitous';
  const spelt = { subject: subject.replace(/^then /i, ''), keyword: keyword.toUpperCase(), action };
  const nested = /, ?when /i;
  return form === 'state' && nested.test(condition)
    ? { form: 'complex', condition: condition.replace(nested, ', WHEN '), ...spelt }
    : { form, condition, ...spelt };
}

/** The canonical sentence; `parseEars` returns the same parts from it. */
export function renderEars({ form, condition, subject, keyword, action }: Ears): string {
  const clause = `${subject} ${keyword} ${action}`;
  if (form === 'ubiquitous') return clause;
  return `${triggers[form]} ${condition}, ${form === 'unwanted' ? 'THEN ' : ''}${clause}`;
}

/**
 * The first normative keyword, in capitals; undefined without one. Whole words only: "shallow" and "must-have" do not
 * count.
 */
export function keywordOf(text: string): string | undefined {
  return /(?<![\w-])(?:(?:SHALL|MUST|SHOULD)(?:\s+NOT)?|MAY)(?![\w-])/i
    .exec(text)?.[0]
    .toUpperCase()
    .replace(/\s+/g, ' ');
}

/** Whether a text begins with a trigger word, or contains one in capitals. */
export function hasTrigger(text: string): boolean {
  return /^\s*(?:when|while|if|where)\b/i.test(text) || /\b(?:WHEN|WHILE|IF|WHERE)\b/.test(text);
}

export interface Lint {
  errors: string[];
  warnings: string[];
}

/** Checks the wording of a requirement: an error when it has no keyword, warnings when it is vague. */
export function lintRequirement(text: string): Lint {
  const keyword = keywordOf(text);
  if (!keyword) return { errors: ['has none of the keywords SHALL, MUST, SHOULD, MAY'], warnings: vagueWords(text) };
  const warnings = vagueWords(text);
  if (/^(?:SHALL|MUST)/.test(keyword) && !hasTrigger(text))
    warnings.unshift(`${keyword} without WHEN, WHILE, IF or WHERE`);
  return { errors: [], warnings };
}

function vagueWords(text: string): string[] {
  return ['will be', 'is going to', 'etc', 'and so on']
    .filter((phrase) => new RegExp(`\\b${phrase}\\b`, 'i').test(text))
    .map((phrase) => `"${phrase}" is vague`);
}
