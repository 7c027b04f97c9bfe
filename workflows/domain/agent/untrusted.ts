/**
 * Marks text of another author (files, command output, issues, other agents' reports) as data, so that a model can
 * distinguish it from instructions. A closing tag inside it is escaped.
 */
export function asData(source: string, text: string): string {
  return `<data source="${source.replace(/["<>\n]/g, ' ')}">\n${text.replace(/<(\/?)data\b/gi, '&lt;$1data')}\n</data>`;
}

/** A title or criterion of unknown origin on one line, so that it cannot start a section. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
