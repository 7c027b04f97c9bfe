import { hasTrigger, keywordOf, locateEars, type Place } from './ears.ts';
import { keywords, textsFor, wholeWords, type EarsWords } from './words.ts';

export const findingCodes = [
  'no_keyword',
  'no_trigger',
  'two_demands',
  'no_actor',
  'vague',
  'not_measurable',
  'escape_clause',
] as const;

/** What is wrong with the wording of a requirement, and where. */
export interface Finding extends Place {
  code: (typeof findingCodes)[number];
  /** An error fails the gate; a warning is shown. */
  severity: 'error' | 'warning';
  /** Completes "This sentence ...". */
  message: string;
}

const list = (texts: string) => new RegExp(wholeWords(texts.split(', ')), 'giu');

/** Words of English that nobody can test, and what to write instead. */
const wordings: { code: Finding['code']; pattern: RegExp; message: (text: string) => string }[] = [
  {
    code: 'escape_clause',
    pattern: list(
      'if possible, where possible, when possible, whenever possible, as far as possible, if practicable, where practicable, if necessary, when necessary, where necessary, as necessary, if needed, when needed, as needed, as appropriate, if appropriate, where appropriate, when appropriate, if applicable, where applicable, as applicable, as required, if required, to the extent possible, at its discretion, unless impractical',
    ),
    message: (text) => `leaves a way out with "${text}": say when it holds`,
  },
  {
    code: 'not_measurable',
    pattern: list(
      'as soon as possible, as fast as possible, as few as possible, as many as possible, as little as possible, a lot of, lots of, a large number of, a small number of, many, several, numerous, various, fast, quickly, slowly, promptly, timely, frequently, often, rarely, sometimes, regularly, minimal, optimal, high performance, low latency, scalable',
    ),
    message: (text) => `says "${text}" without a number: give a figure and its unit`,
  },
  {
    code: 'vague',
    pattern: list(
      'will be, is going to, etc, and so on, and the like, user-friendly, easy, easily, easy to use, intuitive, simple, seamless, seamlessly, appropriate, appropriately, adequate, adequately, sufficient, reasonable, reasonably, robust, flexible, efficient, efficiently, properly, correctly, gracefully, nice, good, better, modern, state of the art, support for, and/or',
    ),
    message: (text) => `says "${text}", which is vague`,
  },
];

/** After a keyword: "be" and a participle, without "by". */
const passive =
  /^be\s+(?:\w+ly\s+)?(?:[a-z]{2,}ed|written|given|taken|shown|chosen|driven|hidden|broken|drawn|known|thrown|begun|run|sent|kept|made|built|put|set|read|held|told|done|found|lost|paid|bound|cut|left|met|sold|stored)\b/i;

/**
 * Checks the wording of a requirement against EARS. Words in quotes or backticks are literal and not judged, and the
 * lists of English words judge English sentences only.
 * @returns findings in the order of their places; the same place has at most one.
 */
export function lintRequirement(text: string, words: EarsWords = {}): Finding[] {
  const shown = text.replace(/`[^`]*`|"[^"]*"|“[^”]*”/g, (quoted) => ' '.repeat(quoted.length));
  const keyword = keywordOf(shown, words);
  const english = keyword === undefined || keywordOf(shown) !== undefined;
  const whole = { start: 0, end: text.length };
  const findings: Finding[] = [
    ...(keyword ? [] : [{ ...whole, ...error('has none of the keywords SHALL, MUST, SHOULD, MAY') }]),
    ...(keyword && /^(?:SHALL|MUST)/.test(keyword) && !hasTrigger(shown, words)
      ? [{ ...whole, ...warning('no_trigger', `has ${keyword} without WHEN, WHILE, IF or WHERE`) }]
      : []),
    ...furtherDemands(shown, words),
    ...(english ? [...withoutActor(shown), ...badWords(shown)] : []),
  ];
  return findings.toSorted((a, b) => a.start - b.start);
}

const error = (message: string) => ({ code: 'no_keyword' as const, severity: 'error' as const, message });
const warning = (code: Finding['code'], message: string) => ({ code, severity: 'warning' as const, message });

/** Keywords after the first one of the demand. A lower-case "may" is also the everyday word. */
function furtherDemands(text: string, words: EarsWords): Finding[] {
  const place = locateEars(text, words)?.places.keyword;
  if (!place) return [];
  const pattern = new RegExp(wholeWords(textsFor(keywords, words)), 'giu');
  return [...text.slice(place.end).matchAll(pattern)]
    .filter((match) => !/^may$/.test(match[0]))
    .slice(0, 1)
    .map((match) => ({
      start: place.end + match.index,
      end: place.end + match.index + match[0].length,
      ...warning('two_demands', `demands two things with one sentence ("${match[0]}"): write a requirement for each`),
    }));
}

/** "The file SHALL be saved": nobody saves it. */
function withoutActor(text: string): Finding[] {
  const places = locateEars(text)?.places;
  const action = places?.action;
  if (!action) return [];
  const clause = text.slice(action.start, action.end);
  const found = passive.exec(clause);
  if (!found || /\bby\s+(?!\d)/i.test(clause)) return [];
  return [
    {
      start: action.start,
      end: action.start + found[0].length,
      ...warning('no_actor', `says "${found[0]}" without saying by whom: begin with who does it`),
    },
  ];
}

function badWords(text: string): Finding[] {
  const findings: Finding[] = [];
  for (const { code, pattern, message } of wordings)
    for (const match of text.matchAll(pattern)) {
      const place = { start: match.index, end: match.index + match[0].length };
      // "as soon as possible" is one fault, not also one of "possible".
      if (findings.some((other) => place.start < other.end && other.start < place.end)) continue;
      findings.push({ ...place, ...warning(code, message(match[0])) });
    }
  return findings;
}
