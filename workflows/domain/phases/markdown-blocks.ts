import type { AcceptanceCriterion, Note } from './fields.ts';

/** A heading with a list below; [] without items. */
export const chapterList = (heading: string, items: readonly Note[]) =>
  items.length ? [heading, bullets(items.map(plain))] : [];
/** A heading with a table below; [] without rows. */
export const chapterTable = (heading: string, head: string[], rows: string[][]) =>
  rows.length ? [heading, table(head, rows)] : [];
/** `**Name.** value`; empty without a value. */
export const labelled = (name: string, value: string) => (value ? `**${name}.** ${value}` : '');
/** `Name: value` as an item of a list; [] without a value. */
export const named = (name: string, value: string | number | undefined) => (value ? [`${name}: ${value}`] : []);
/** A bullet list, one line per item. */
export const bullets = (items: readonly string[]) => items.map((item) => `- ${line(item)}`).join('\n');
/** A block quote that keeps the lines of the text. */
export const quote = (text: string) =>
  text
    .split('\n')
    .map((part) => `> ${part}`.trimEnd())
    .join('\n');
/** A text on one line, so that it cannot break out of its heading, item or cell. */
export const line = (text: string) => text.replace(/\s+/g, ' ').trim();

/** Acceptance criteria as a check list. */
export function criteriaList(criteria: readonly AcceptanceCriterion[]): string {
  return criteria
    .map(({ id, text, check }) => `- [ ] ${id} ${line(text)}${check ? ` (${line(check)})` : ''}`)
    .join('\n');
}

/** A table. Pipes in cells are escaped. */
export function table(head: string[], rows: string[][]): string {
  const row = (cells: string[]) => `| ${cells.map((cell) => line(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** A code block. Its fence is longer than any run of back-ticks in the content. */
export function fenced(language: string, content: string): string {
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

/** A note as text: a string as it is, anything else as JSON. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
