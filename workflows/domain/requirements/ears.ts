import { keywords, textsFor, triggers, wholeWords, wordOf, type EarsWords, type Keyword } from './words.ts';

/** EARS, the Easy Approach to Requirements Syntax (Mavin et al., 2009), with the keywords of RFC 2119. */
export const earsForms = ['ubiquitous', 'event', 'state', 'unwanted', 'complex', 'optional'] as const;
export type EarsForm = (typeof earsForms)[number];

export interface Ears {
  form: EarsForm;
  /** The text between trigger word and subject. `s, WHEN t` in a complex one; empty in a ubiquitous one. */
  condition: string;
  /** The actor, as written: `THE SYSTEM`. */
  subject: string;
  /** In English and in capitals: `SHALL`, `MUST NOT` ... */
  keyword: Keyword;
  action: string;
}

/** A part of a sentence: offsets of its first UTF-16 unit and of the one after its last. */
export interface Place {
  start: number;
  end: number;
}

const formOf = { WHEN: 'event', WHILE: 'state', IF: 'unwanted', WHERE: 'optional' } as const;
const triggerOf = { event: 'WHEN', state: 'WHILE', complex: 'WHILE', unwanted: 'IF', optional: 'WHERE' } as const;

/** The parts of a requirement's sentence, or undefined when it has no EARS form. */
export function parseEars(sentence: string, words: EarsWords = {}): Ears | undefined {
  return locateEars(sentence, words)?.ears;
}

/** The parts of a requirement's sentence and their places in it, or undefined when it has no EARS form. */
export function locateEars(
  sentence: string,
  words: EarsWords = {},
): { ears: Ears; places: Partial<Record<'condition' | 'subject' | 'keyword' | 'action', Place>> } | undefined {
  const trigger = new RegExp(`^\\s*(${wholeWords(textsFor(triggers, words))})\\s`, 'iu').exec(sentence);
  const parts = partsAfter(sentence, trigger?.[0].length ?? 0, Boolean(trigger), words);
  if (!parts) return undefined;

  const { condition = '', subject = '', keyword = '', action = '' } = parts.groups ?? {};
  const form = trigger ? formOf[wordOf(trigger[1] ?? '', triggers, words)] : 'ubiquitous';
  const spelt = { subject: flat(subject), keyword: wordOf(keyword, keywords, words), action: flat(action) };
  const nested = new RegExp(`, ?${wholeWords(textsFor(['WHEN'], words))} `, 'iu');
  const when = flat(condition);
  const complex = form === 'state' && nested.test(when);
  return {
    ears: complex
      ? { form: 'complex', condition: when.replace(nested, ', WHEN '), ...spelt }
      : { form, condition: when, ...spelt },
    places: Object.fromEntries(
      Object.entries(parts.indices?.groups ?? {})
        .filter(([, place]) => place as [number, number] | undefined)
        .map(([name, [start, end]]) => [name, { start, end }]),
    ),
  };
}

/** The clauses of a sentence from an offset. */
function partsAfter(sentence: string, from: number, triggered: boolean, words: EarsWords) {
  const system = wholeWords(textsFor(['SYSTEM'], words));
  const keyword = `(?<keyword>${wholeWords(textsFor(keywords, words))})`;
  const then = `(?:${wholeWords(textsFor(['THEN'], words))}\\s+)?`;
  // The condition ends at the last comma before the subject, or, where the comma is missing, at "the system".
  const condition = triggered ? `(?<condition>.+?)(?:,\\s*|\\s+(?=${system}\\s))${then}` : '';
  const demand = `(?<subject>[^,\\s][^,]*?)\\s+${keyword}\\s+(?<action>.+?)`;
  // Some languages put the verb first: "WENN ..., MUSS DAS SYSTEM ...".
  const inverted = `${keyword}\\s+(?<subject>${system})\\s+(?<action>.+?)`;
  // Capitals first: a lower-case "may" inside a condition is not the keyword when a SHALL follows.
  for (const flags of ['dsuy', 'dsuyi'])
    for (const clause of triggered ? [inverted, demand] : [demand]) {
      const pattern = new RegExp(`\\s*${condition}${clause}\\s*$`, flags);
      pattern.lastIndex = from;
      const parts = pattern.exec(sentence);
      if (parts) return parts;
    }
  return undefined;
}

const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

/** The canonical English sentence; `parseEars` returns the same parts from it. */
export function renderEars({ form, condition, subject, keyword, action }: Ears): string {
  const clause = `${subject} ${keyword} ${action}`;
  if (form === 'ubiquitous') return clause;
  return `${triggerOf[form]} ${condition}, ${form === 'unwanted' ? 'THEN ' : ''}${clause}`;
}

/** The first normative keyword. Whole words only: "shallow" and "must-have" do not count. */
export function keywordOf(text: string, words: EarsWords = {}): Keyword | undefined {
  const found = new RegExp(wholeWords(textsFor(keywords, words)), 'iu').exec(text)?.[0];
  return found === undefined ? undefined : wordOf(found, keywords, words);
}

/** Whether a text begins with a trigger word, or contains one in capitals. */
export function hasTrigger(text: string, words: EarsWords = {}): boolean {
  const texts = textsFor(triggers, words);
  return (
    new RegExp(`^\\s*${wholeWords(texts)}`, 'iu').test(text) ||
    new RegExp(wholeWords(texts.map((word) => word.toUpperCase())), 'u').test(text)
  );
}
