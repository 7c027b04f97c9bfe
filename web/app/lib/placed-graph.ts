import { Graph, layout } from '@dagrejs/dagre';

/** Size of a node in pixels. */
export const placedSize = { width: 216, height: 72 };

/** From top to bottom, or from left to right. */
export type Direction = 'TB' | 'LR';

/** Upper left corners of the nodes, in layers along the direction, with few crossings of lines. */
export function placeGraph(
  ids: readonly string[],
  lines: readonly { from: string; to: string }[],
  direction: Direction,
): Map<string, { x: number; y: number }> {
  const graph = new Graph();
  graph.setGraph({ rankdir: direction, nodesep: 20, ranksep: 64 });
  for (const id of ids) graph.setNode(id, { ...placedSize });
  for (const { from, to } of lines) graph.setEdge(from, to, {});
  layout(graph);
  return new Map(
    ids.map((id) => {
      const { x = 0, y = 0 } = graph.node(id) as { x?: number; y?: number };
      return [id, { x: x - placedSize.width / 2, y: y - placedSize.height / 2 }];
    }),
  );
}
