/** The part of Markdown's tree that is needed here. */
interface Node {
  type: string;
  value?: string;
  data?: { hName: string };
  children?: Node[];
}

const begin = /^<details>\s*<summary>([^<>]*)<\/summary>$/;
const isEnd = ({ type, value }: Node) => type === 'html' && value?.trim() === '</details>';

/** The summary of the fold that begins at this part. */
const summaryOf = ({ type, value = '' }: Node) => (type === 'html' ? begin.exec(value.trim())?.[1] : undefined);

const element = (hName: string, children: Node[]): Node => ({ type: hName, data: { hName }, children });

/** A plugin for Markdown that folds what stands between `<details>` and its end, as code hosts do. It reads no other HTML. */
export const foldDetails = () => (tree: Node) => {
  const left = [...(tree.children ?? [])];
  const shown: Node[] = [];
  for (let node = left.shift(); node; node = left.shift()) {
    const summary = summaryOf(node);
    const end = summary === undefined ? -1 : left.findIndex(isEnd);
    if (summary === undefined || end < 0) shown.push(node);
    else {
      const inside = left.splice(0, end + 1).slice(0, -1);
      shown.push(element('details', [element('summary', [{ type: 'text', value: summary }]), ...inside]));
    }
  }
  tree.children = shown;
};
