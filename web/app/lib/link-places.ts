import { showCitation, type Citation } from '#workflows/domain/agent/citations.ts';

/** The part of Markdown's tree that is needed here. */
interface Node {
  type: string;
  value?: string;
  url?: string;
  children?: Node[];
}

/** A link names its place after `#place=`. */
const placeLink = (place: string) => `#place=${encodeURIComponent(place)}`;
export const placeOfLink = (href: string | undefined): string | undefined =>
  href?.startsWith('#place=') ? decodeURIComponent(href.slice('#place='.length)) : undefined;

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A plugin for Markdown that makes links of the named places, in text and in code inside a line. */
export function linkPlaces(places: readonly Citation[]) {
  const names = places.map(showCitation).sort((a, b) => b.length - a.length);
  const pattern = names.map((name) => literally(name).replace(/-(\d+)$/, '[-–]$1')).join('|');
  const split = (node: Node): Node[] => {
    const { type, value = '' } = node;
    return value.split(new RegExp(`(${pattern})(?!\\d)`)).flatMap((part, at): Node[] => {
      if (part === '') return [];
      if (at % 2 === 0) return [{ type, value: part }];
      return [{ type: 'link', url: placeLink(part.replace('–', '-')), children: [{ type, value: part }] }];
    });
  };
  const walk = (node: Node): void => {
    node.children = node.children?.flatMap((child) => {
      if (child.type === 'link') return [child];
      if (child.type === 'text' || child.type === 'inlineCode') return split(child);
      walk(child);
      return [child];
    });
  };
  return () => (tree: Node) => {
    if (names.length > 0) walk(tree);
  };
}
