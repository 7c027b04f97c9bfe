import { topologicalLayers } from '#workflows/domain/tasks/graph.ts';

export interface GraphEdge {
  from: string;
  to: string;
  /** Lines of one kind from the same node share their path until they separate. */
  kind?: string;
}

/** Size of a node in pixels. */
export const nodeSize = { width: 208, height: 68 };
const gap = { x: 56, y: 16 };
/** Height in pixels of the space in which a line crosses a column. */
const passage = 10;

interface Point {
  x: number;
  y: number;
}

export interface GraphLayout {
  width: number;
  height: number;
  /** Upper left corners, column by column from the left. */
  places: { id: string; x: number; y: number }[];
  /** Each edge of the graph with the points its line goes through. */
  lines: { edge: number; points: Point[] }[];
}

/**
 * Places a graph in columns: each node as far left as its predecessors allow, at about their height. Edges over
 * several columns get a passage through the columns between, so that no line is hidden by a node. Edges to or from
 * unknown nodes are left out; nodes on a cycle come last.
 */
export function layoutGraph(ids: readonly string[], edges: readonly GraphEdge[]): GraphLayout {
  const known = new Set(ids);
  const drawn = edges
    .map((edge, index) => ({ ...edge, index }))
    .filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  const before = Object.fromEntries(
    ids.map((id) => [id, drawn.filter((edge) => edge.to === id).map((edge) => edge.from)]),
  );
  const layers = topologicalLayers(before);
  const placed = new Set(layers.flat());
  const rest = ids.filter((id) => !placed.has(id));
  if (rest.length > 0) layers.push(rest);
  const columnOf = new Map(layers.flatMap((layer, column) => layer.map((id) => [id, column] as const)));

  // The content of each column: nodes, and passages for the edges that cross it.
  const columns: { id: string; height: number; after: string[] }[][] = layers.map((layer) =>
    layer.map((id) => ({ id, height: nodeSize.height, after: [] })),
  );
  const passages = new Set<string>();
  const chains = drawn.map(({ from, to, kind = '', index }) => {
    const [first, last] = [columnOf.get(from) as number, columnOf.get(to) as number];
    const between = Array.from({ length: Math.max(0, last - first - 1) }, (_, step) => ({
      id: `${from}/${kind}/${step}`,
      column: first + 1 + step,
    }));
    const chain = [from, ...between.map(({ id }) => id), to];
    for (const [step, { id, column }] of between.entries()) {
      if (passages.has(id)) continue;
      passages.add(id);
      columns[column]?.push({ id, height: passage, after: [chain[step] ?? from] });
    }
    columns[last]?.find(({ id }) => id === to)?.after.push(chain.at(-2) ?? from);
    return { index, chain };
  });

  const heights = new Map<string, number>();
  const tops = new Map<string, Point>();
  let lowest = 0;
  for (const [column, items] of columns.entries()) {
    const wish = (after: string[]) =>
      after.length === 0 ? undefined : after.reduce((sum, id) => sum + middle(id), 0) / after.length;
    // A node without predecessors keeps its listed order, below the nodes that have some.
    const ordered = items
      .map((item, index) => ({ ...item, index, wished: wish(item.after) }))
      .sort((a, b) => (a.wished ?? Infinity) - (b.wished ?? Infinity) || a.index - b.index);
    let next = 0;
    for (const { id, height, wished } of ordered) {
      const y = Math.round(Math.max(next, wished === undefined ? next : wished - height / 2));
      tops.set(id, { x: column * (nodeSize.width + gap.x), y });
      heights.set(id, height);
      next = y + height + gap.y;
      lowest = Math.max(lowest, y + height);
    }
  }
  function middle(id: string): number {
    return (tops.get(id)?.y ?? 0) + (heights.get(id) ?? 0) / 2;
  }

  const lines = chains.map(({ index, chain }) => ({
    edge: index,
    points: chain.flatMap((id, step): Point[] => {
      const [x, y] = [tops.get(id)?.x ?? 0, middle(id)];
      if (step === 0) return [{ x: x + nodeSize.width, y }];
      return step === chain.length - 1
        ? [{ x, y }]
        : [
            { x, y },
            { x: x + nodeSize.width, y },
          ];
    }),
  }));
  const places = columns
    .flat()
    .flatMap(({ id }) => (known.has(id) ? [{ id, ...(tops.get(id) as Point) }] : []))
    .sort((a, b) => a.x - b.x || a.y - b.y);
  return { width: Math.max(0, columns.length * (nodeSize.width + gap.x) - gap.x), height: lowest, places, lines };
}

/** A smooth line through points that lead to the right. */
export function linePath(points: readonly Point[]): string {
  return points
    .map(({ x, y }, index) => {
      const last = points[index - 1];
      if (!last) return `M${x} ${y}`;
      if (last.y === y) return `L${x} ${y}`;
      const bend = (x - last.x) / 2;
      return `C${last.x + bend} ${last.y} ${x - bend} ${y} ${x} ${y}`;
    })
    .join(' ');
}
