/** The tags of orders. A model obeys their text; text in <data> it only reads. */
type OrderTag = 'task' | 'request' | 'criteria' | 'project_instructions' | 'review';

const tags = 'data|task|request|criteria|project_instructions|review';

/** Escapes the beginning of each tag of the platform, so that no text can close its own tag or open another one. */
const escaped = (text: string) => text.replace(new RegExp(`<(/?)(${tags})\\b`, 'gi'), '&lt;$1$2');

const nameOf = (source: string) => source.replace(/["<>\n]/g, ' ');

/**
 * Marks text of another author (files, command output, issues, other agents' reports) as data, so that a model can
 * distinguish it from instructions.
 */
export function asData(source: string, text: string): string {
  return `<data source="${nameOf(source)}">\n${escaped(text)}\n</data>`;
}

/** Marks text that is an order of the platform. @param source the file that it comes from, where it is one. */
export function asOrder(tag: OrderTag, text: string, source?: string): string {
  return `<${tag}${source === undefined ? '' : ` source="${nameOf(source)}"`}>\n${escaped(text)}\n</${tag}>`;
}

/** A title or criterion of unknown origin on one line, so that it cannot start a section. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
