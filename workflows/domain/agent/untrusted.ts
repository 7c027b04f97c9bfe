/**
 * Wraps text that another author wrote (files, command output, issues, other agents' reports) so that a model can
 * tell it from orders. A closing tag inside it is defused.
 */
export function asData(source: string, text: string): string {
  return `<data source="${source.replace(/["<>\n]/g, ' ')}">\n${text.replace(/<(\/?)data\b/gi, '&lt;$1data')}\n</data>`;
}

/** A title or criterion of unknown origin as one line, so that it cannot open a section of its own. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
