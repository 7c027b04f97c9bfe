import fc from 'fast-check';
import { layoutGraph, linePath, nodeSize } from '../../web/app/lib/graph-layout.ts';

/** Up to fifteen nodes; an edge always leads from an earlier one to a later. */
const anyGraph = fc.integer({ min: 1, max: 15 }).chain((count) => {
  const ids = Array.from({ length: count }, (_, n) => `n${n}`);
  const pair = fc
    .tuple(fc.nat(count - 1), fc.nat(count - 1))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}` }));
  return fc.record({ ids: fc.constant(ids), edges: count > 1 ? fc.array(pair, { maxLength: 30 }) : fc.constant([]) });
});

describe('a graph in columns', () => {
  test('a diamond with a shortcut: three columns, and the shortcut passes the middle one', () => {
    const { places, lines, width } = layoutGraph(
      ['A', 'B', 'C', 'D'],
      [
        { from: 'A', to: 'B' },
        { from: 'A', to: 'C' },
        { from: 'B', to: 'D' },
        { from: 'C', to: 'D' },
        { from: 'A', to: 'D' },
      ],
    );
    const columns = [...new Set(places.map(({ x }) => x))];
    expect(
      columns.map((x) =>
        places
          .filter((place) => place.x === x)
          .map(({ id }) => id)
          .sort(),
      ),
    ).toEqual([['A'], ['B', 'C'], ['D']]);
    expect(width).toBe(columns.at(-1)! + nodeSize.width);
    expect(lines.find(({ edge }) => edge === 4)?.points).toHaveLength(4);
  });

  test('nodes never overlap, lines lead to the right from their node to their other, and none runs behind a third', () => {
    fc.assert(
      fc.property(anyGraph, ({ ids, edges }) => {
        const { places, lines, width, height } = layoutGraph(ids, edges);
        expect(places.map(({ id }) => id).sort()).toEqual([...ids].sort());
        expect(lines).toHaveLength(edges.length);
        for (const [index, a] of places.entries()) {
          expect(a.x + nodeSize.width <= width && a.y + nodeSize.height <= height && a.x >= 0 && a.y >= 0).toBe(true);
          for (const b of places.slice(index + 1))
            expect(Math.abs(a.x - b.x) >= nodeSize.width || Math.abs(a.y - b.y) >= nodeSize.height).toBe(true);
        }
        const at = new Map(places.map((place) => [place.id, place]));
        for (const { edge, points } of lines) {
          const { from, to } = edges[edge]!;
          expect([points[0], points.at(-1)]).toEqual([
            { x: at.get(from)!.x + nodeSize.width, y: at.get(from)!.y + nodeSize.height / 2 },
            { x: at.get(to)!.x, y: at.get(to)!.y + nodeSize.height / 2 },
          ]);
          for (const [step, point] of points.slice(1).entries()) {
            const last = points[step]!;
            expect(point.x > last.x).toBe(true);
            // A stretch of a column's width lies in that column: there it keeps clear of its nodes.
            if (point.x - last.x === nodeSize.width)
              for (const node of places)
                expect(node.x !== last.x || point.y < node.y || point.y > node.y + nodeSize.height).toBe(true);
          }
        }
      }),
    );
  });

  test('what is unknown is left out, and a circle is drawn at the end', () => {
    const { places, lines } = layoutGraph(
      ['A', 'B', 'C'],
      [
        { from: 'A', to: 'B' },
        { from: 'B', to: 'A' },
        { from: 'elsewhere', to: 'C' },
      ],
    );
    expect(places.map(({ id }) => id)).toEqual(['C', 'A', 'B']);
    expect(lines.map(({ edge }) => edge)).toEqual([0, 1]);
    expect(layoutGraph([], [])).toEqual({ width: 0, height: 0, places: [], lines: [] });
  });

  test('a line is straight along a passage and bends between columns', () => {
    expect(
      linePath([
        { x: 0, y: 0 },
        { x: 10, y: 20 },
        { x: 30, y: 20 },
      ]),
    ).toBe('M0 0 C5 0 5 20 10 20 L30 20');
  });
});
