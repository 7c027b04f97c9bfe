import { Graph, graphlib, layout } from '@dagrejs/dagre';

/** Size of a node in pixels. */
export const placedSize = { width: 216, height: 72 };
/** Pixels between two parts. */
const partGap = 48;
/** Width by height that the whole is brought near to: that of the space in which it is shown. */
const wantedRatio = 1.8;

/** From top to bottom, or from left to right. */
export type Direction = 'TB' | 'LR';

interface Point {
  x: number;
  y: number;
}
interface Part {
  width: number;
  height: number;
  places: [string, Point][];
}

/**
 * Upper left corners of the nodes, in layers along the direction, with few crossings of lines. Parts that no line joins
 * lie beside each other in rows, the highest first, and those of one height in the order of their nodes.
 */
export function placeGraph(
  ids: readonly string[],
  lines: readonly { from: string; to: string }[],
  direction: Direction,
): Map<string, Point> {
  const whole = new Graph();
  for (const id of ids) whole.setNode(id);
  for (const { from, to } of lines) whole.setEdge(from, to);
  const parts = graphlib.alg.components(whole).map((part) => {
    const own = new Set(part);
    const within = lines.filter(({ from }) => own.has(from));
    return placePart(
      ids.filter((id) => own.has(id)),
      within,
      direction,
    );
  });
  return inRows(parts.toSorted((a, b) => b.height - a.height));
}

function placePart(ids: readonly string[], lines: readonly { from: string; to: string }[], direction: Direction): Part {
  const graph = new Graph();
  graph.setGraph({ rankdir: direction, nodesep: 20, ranksep: 64 });
  for (const id of ids) graph.setNode(id, { ...placedSize });
  for (const { from, to } of lines) graph.setEdge(from, to, {});
  layout(graph);
  const { width = placedSize.width, height = placedSize.height } = graph.graph() as Partial<Part>;
  const places = ids.map((id): [string, Point] => {
    const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
    return [id, { x: x - placedSize.width / 2, y: y - placedSize.height / 2 }];
  });
  return { width, height, places };
}

function inRows(parts: readonly Part[]): Map<string, Point> {
  const area = parts.reduce((sum, { width, height }) => sum + (width + partGap) * (height + partGap), 0);
  const rowWidth = Math.max(Math.sqrt(area * wantedRatio), ...parts.map(({ width }) => width));
  const placed = new Map<string, Point>();
  let [left, top, rowHeight] = [0, 0, 0];
  for (const { width, height, places } of parts) {
    if (left > 0 && left + width > rowWidth) [left, top, rowHeight] = [0, top + rowHeight + partGap, 0];
    for (const [id, { x, y }] of places) placed.set(id, { x: left + x, y: top + y });
    left += width + partGap;
    rowHeight = Math.max(rowHeight, height);
  }
  return placed;
}
