/** Where agents of the original keep their plans, in folders by kind. */
const planFolder = '.omoi_os/';

const common = ['id', 'title', 'status'];
/** What the front matter of a document has, by its folder. */
const wanted: Record<string, string[]> = {
  docs: common,
  requirements: [...common, 'category'],
  designs: common,
  tickets: [...common, 'priority'],
  tasks: [...common, 'parent_ticket'],
};

/** Documents of a plan that a unified diff adds or changes. */
export const planDocuments = (patch: string): string[] =>
  [...patch.matchAll(/^\+\+\+ b\/(.+\.md)$/gm)].flatMap(([, path = '']) =>
    path.startsWith(planFolder) && Object.hasOwn(wanted, folderOf(path)) ? [path] : [],
  );

const folderOf = (path: string) => path.slice(planFolder.length).split('/')[0] ?? '';

/**
 * What documents of a plan lack (EXEC-18): programs read their front matter, so one without its fields is lost to them.
 * @param documents texts by path; undefined for one that is not text.
 */
export function planDocumentGaps(documents: Iterable<[string, string | undefined]>): string[] {
  return [...documents].flatMap(([path, text = '']) => {
    const [, head] = /^---\r?\n([\s\S]*?)^---\s*$/m.exec(text.startsWith('---') ? text : '') ?? [];
    const has = new Set(
      [...(head ?? '').matchAll(/^(\w+):[ \t]*(?!(?:null|~|""|'')?[ \t]*(?:#.*)?\r?$)\S/gm)].map(([, name]) => name),
    );
    const missing = (wanted[folderOf(path)] ?? []).filter((name) => !has.has(name));
    return missing.length === 0
      ? []
      : [
          `${path} lacks ${missing.join(', ')} in its front matter. Write it between two lines of --- at its beginning.`,
        ];
  });
}
