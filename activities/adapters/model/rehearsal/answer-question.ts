import { callId, type ScriptedConversation } from './conversation.ts';
import type { ModelTurn } from './next-turn.ts';

/** Words of questions that lead nowhere in code. */
const common = new Set(
  'about after all and any are because before but can could did does each every find first for from get give has have how into its list many may more most much must need new not one only other our out over show should some step such than that the their them then there these they this through under use used uses using was way were what when where which while who whose why will with work works would you your'.split(
    ' ',
  ),
);
const mostWords = 12;
const mostPlaces = 6;
const mostOfFile = 2;
const maxLine = 160;

interface Place {
  path: string;
  line: number;
  text: string;
}

/** The words of a question that its answer is looked for by. */
export const wordsOf = (question: string): string[] =>
  [...new Set(question.toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) ?? [])]
    .filter((word) => !common.has(word))
    .slice(0, mostWords);

/** The lines in a result of search_files: the path of a file, then its lines with their numbers. */
function placesIn(result: string): Place[] {
  let path = '';
  return result
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const [, line, text] = /^ {2}(\d+): (.*)$/.exec(row) ?? [];
      if (line !== undefined) return [{ path, line: Number(line), text: text ?? '' }];
      path = row;
      return [];
    });
}

/** The lines that have the most of the words, also in the name of their file, and few of one file. */
function best(places: readonly Place[], words: readonly string[]): Place[] {
  const score = ({ path, text }: Place) => {
    const [code, name] = [text.toLowerCase(), path.toLowerCase()];
    return words.reduce((sum, word) => sum + (code.includes(word) ? 2 : 0) + (name.includes(word) ? 1 : 0), 0);
  };
  const taken = new Map<string, number>();
  return places
    .map((place) => ({ place, score: score(place) }))
    .sort((a, b) => b.score - a.score)
    .map(({ place }) => place)
    .filter(({ path }) => {
      const before = taken.get(path) ?? 0;
      taken.set(path, before + 1);
      return before < mostOfFile;
    })
    .slice(0, mostPlaces);
}

/** The line's own text must not read as another place. */
const quoted = (text: string) =>
  text
    .trim()
    .slice(0, maxLine)
    .replaceAll('`', "'")
    .replace(/:(?=\d)/g, ': ');
const shown = ({ path, line, text }: Place) => `- \`${path}:${line}\`: \`${quoted(text)}\``;

/**
 * Answers a question about the code that no scenario plays: from the repository, by the words of the question alone. It
 * says so.
 */
export function answerQuestion({ context, turns }: ScriptedConversation, digest: string): ModelTurn {
  const words = wordsOf(context.title ?? '');
  const who = 'I am the rehearsal model: I understand no question and only look for its words';
  if (words.length === 0) return { text: `${who}, and this one has none that lead to code.`, calls: [] };
  const named = words.map((word) => `\`${word}\``).join(', ');
  const result = turns.flat().findLast(({ tool, result: text }) => tool === 'search_files' && text !== '')?.result;
  if (result === undefined)
    return {
      text: `${who}: ${named}.`,
      calls: [
        {
          id: callId(digest, 0, 'by-words'),
          name: 'search_files',
          input: { pattern: words.join('|'), ignore_case: true },
        },
      ],
    };
  const places = best(placesIn(result), words);
  if (places.length === 0) return { text: `${who}. No line of the code has ${named}.`, calls: [] };
  return {
    text: `${who}: ${named}. The lines that have the most of them:\n\n${places.map(shown).join('\n')}\n\nA real model reads them and answers: set ANTHROPIC_API_KEY.`,
    calls: [],
  };
}
