import { endsUnfinished, type FileLine, type TextMatch, trimEnd, withoutLastEnd } from './file-lines.ts';
import { counted } from '../support/wording.ts';

/** One rule that turns every indentation of the model's text into the file's; undefined where it does not apply. */
interface Rule {
  how: string;
  apply(indent: string): string | undefined;
}

/**
 * Places whose lines equal old_text's but for their indentation, which one rule explains on every line: the same
 * blanks added, the same removed, or a fixed number of spaces for each tab (or tabs for spaces). new_text is
 * indented by that rule; where the rule cannot indent it, the place does not count.
 */
export function indentationMatches(
  lines: FileLine[],
  oldLines: string[],
  newLines: string[],
): { how: string; matches: TextMatch[] } {
  const ended = oldLines.length > 1 && oldLines.at(-1) === '';
  const wanted = ended ? oldLines.slice(0, -1) : oldLines;
  const rules = new Set<string>();

  const matches = lines.flatMap((line, index): TextMatch[] => {
    const place = lines.slice(index, index + wanted.length);
    const rule = place.length === wanted.length ? ruleFor(wanted, place) : undefined;
    if (!rule) return [];
    const next = ended ? lines[index + wanted.length] : undefined;
    const given = endsUnfinished(lines, index, oldLines) ? withoutLastEnd(newLines) : newLines;
    const written = given.map((text) => reindent(text, rule));
    if (!written.every((text) => text !== undefined)) return [];
    rules.add(rule.how);
    return [
      {
        start: line.from,
        end: next?.from ?? place.at(-1)?.to ?? line.to,
        oldLines: next ? oldLines : wanted,
        newLines: given,
        written,
      },
    ];
  });
  return { how: `apart from indentation: new_text was written with ${[...rules].join(', or ')}`, matches };
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

function reindent(line: string, rule: Rule): string | undefined {
  if (trimEnd(line) === '') return line;
  const indent = indentOf(line);
  const wanted = rule.apply(indent);
  return wanted === undefined ? undefined : wanted + line.slice(indent.length);
}

function ruleFor(wanted: string[], place: FileLine[]): Rule | undefined {
  const pairs: [given: string, real: string][] = [];
  for (const [at, line] of wanted.entries()) {
    const given = trimEnd(line);
    const real = place[at]?.trimmed ?? '';
    if (given.slice(indentOf(given).length) !== real.slice(indentOf(real).length)) return undefined;
    if (real !== '') pairs.push([indentOf(given), indentOf(real)]);
  }
  const candidates = [shift(pairs), unshift(pairs), exchange(pairs, ' ', '\t'), exchange(pairs, '\t', ' ')];
  return candidates.find((rule) => rule && pairs.every(([given, real]) => rule.apply(given) === real));
}

function shift([first]: [string, string][]): Rule | undefined {
  if (!first || !first[1].endsWith(first[0])) return undefined;
  const added = first[1].slice(0, first[1].length - first[0].length);
  return { how: `${blanks(added)} more on every line`, apply: (indent) => added + indent };
}

function unshift([first]: [string, string][]): Rule | undefined {
  if (!first || !first[0].endsWith(first[1])) return undefined;
  const removed = first[0].slice(0, first[0].length - first[1].length);
  return {
    how: `${blanks(removed)} less on every line`,
    apply: (indent) => (indent.startsWith(removed) ? indent.slice(removed.length) : undefined),
  };
}

/**
 * A fixed number of one blank for each `to` (or the reverse). The number is certain when two depths show it, or
 * when one tab does; "4 spaces are 2 tabs" on a single depth may as well be one tab and a shift, and is refused.
 */
function exchange(pairs: [string, string][], from: ' ' | '\t', to: ' ' | '\t'): Rule | undefined {
  const indented = pairs.filter(([given, real]) => given !== '' && real !== '');
  const [given, real] = indented[0] ?? ['', ''];
  const [spaces, tabs] = from === ' ' ? [given.length, real.length] : [real.length, given.length];
  const width = spaces / tabs;
  const depths = new Set(indented.map((pair) => pair[0].length)).size;
  if (!Number.isInteger(width) || width < 2 || (depths < 2 && tabs > 1)) return undefined;
  return {
    how: from === ' ' ? `a tab for each ${counted(width, 'space')}` : `${counted(width, 'space')} for each tab`,
    apply(indent) {
      if (indent.replaceAll(from, '') !== '') return undefined;
      const depth = from === ' ' ? indent.length / width : indent.length * width;
      return Number.isInteger(depth) ? to.repeat(depth) : undefined;
    },
  };
}

function blanks(text: string): string {
  return /^\t+$/.test(text) ? counted(text.length, 'tab') : counted(text.length, /^ +$/.test(text) ? 'space' : 'blank');
}
