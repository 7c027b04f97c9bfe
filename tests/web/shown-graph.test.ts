import { foundNodes, neighbours, relationsOf, shownGraph, type GraphNode } from '../../web/app/lib/shown-graph.ts';
import { placedSize, placeGraph } from '../../web/app/lib/placed-graph.ts';

const node = (id: string, kind: string, status = 'pending'): GraphNode => ({
  id,
  kind,
  status,
  label: id.toUpperCase(),
  title: `Title of ${id}`,
  phase_id: null,
  priority: 'HIGH',
  ticket_id: 'k',
  run_id: null,
});
/** One ticket: a, then b, then c; while b was worked on, f was found, which created d. */
const graph = {
  nodes: [
    node('k', 'ticket', 'building'),
    node('a', 'task', 'completed'),
    node('b', 'task', 'failed'),
    node('c', 'task'),
    node('d', 'task'),
    node('f', 'discovery', 'in_progress'),
  ],
  edges: [
    ...['a', 'b', 'c', 'd'].map((to) => ({ from: 'k', to, kind: 'ticket_contains' })),
    { from: 'a', to: 'b', kind: 'depends_on' },
    { from: 'b', to: 'c', kind: 'depends_on' },
    { from: 'b', to: 'd', kind: 'parent_child' },
    { from: 'b', to: 'f', kind: 'spawned_from' },
    { from: 'f', to: 'd', kind: 'spawned_from' },
  ],
  critical_path: ['a', 'b', 'c'],
  more: false,
};
const pairs = (choice: Parameters<typeof shownGraph>[1]) =>
  shownGraph(graph, choice).lines.map(({ from, to, kind, chain }) => `${from} ${kind}${chain ? '!' : ''} ${to}`);

describe('the part of a dependency graph that is shown', () => {
  test('lines that follow from others are left out, and the longest chain is marked', () => {
    expect(pairs({ show: 'all', open: false })).toEqual([
      'k part a',
      'a after! b',
      'b after! c',
      'b found f',
      'f found d',
    ]);
    expect(pairs({ show: 'tasks', open: false })).toEqual(['a after! b', 'b after! c', 'b found d']);
    expect(shownGraph(graph, { show: 'tickets', open: false })).toEqual({ nodes: [graph.nodes[0]], lines: [] });
  });

  test('what is finished can be hidden; what failed stays', () => {
    expect(shownGraph(graph, { show: 'tasks', open: true }).nodes.map(({ id }) => id)).toEqual(['b', 'c', 'd']);
  });

  test('a node is shown with its neighbours alone, and an unknown one narrows nothing', () => {
    const near = shownGraph(graph, { show: 'all', open: false, near: 'f' });
    expect(near.nodes.map(({ id }) => id)).toEqual(['b', 'd', 'f']);
    expect(near.lines.map(({ id }) => id)).toEqual(['spawned_from b f', 'spawned_from f d']);
    expect(shownGraph(graph, { show: 'all', open: false, near: 'gone' }).nodes).toHaveLength(6);
  });

  test('words say what comes before a node, and a search reads labels and titles', () => {
    const { nodes, lines } = shownGraph(graph, { show: 'all', open: false });
    const byId = new Map(nodes.map((one) => [one.id, one]));
    expect(['b', 'd', 'a', 'k'].map((id) => relationsOf(lines, byId, id))).toEqual([
      ['after A'],
      ['discovered by F'],
      ['part of K'],
      [],
    ]);
    expect([...neighbours(lines, 'b')].sort()).toEqual(['a', 'c', 'f']);
    expect(foundNodes(nodes, ' OF c').map(({ id }) => id)).toEqual(['c']);
    expect(foundNodes(nodes, '  ')).toEqual([]);
  });

  test('200 nodes are placed without overlap, each after those that it follows, in both directions', () => {
    const ids = Array.from({ length: 200 }, (_, n) => `n${n}`);
    const lines = ids.flatMap((to, n) => (n % 10 ? [{ from: `n${n - 1 - (n % 3 ? 0 : 2)}`, to }] : []));
    for (const direction of ['TB', 'LR'] as const) {
      const places = placeGraph(ids, lines, direction);
      const at = (id: string) => places.get(id) as { x: number; y: number };
      const overlaps = ids.flatMap((a, n) =>
        ids
          .slice(n + 1)
          .filter(
            (b) => Math.abs(at(a).x - at(b).x) < placedSize.width && Math.abs(at(a).y - at(b).y) < placedSize.height,
          ),
      );
      expect(overlaps).toEqual([]);
      for (const { from, to } of lines)
        expect(direction === 'TB' ? at(to).y - at(from).y : at(to).x - at(from).x).toBeGreaterThan(placedSize.height);
    }
  });

  test('forty chains that nothing joins lie in rows about as wide as a window, each chain together', () => {
    const chain = (n: number) => Array.from({ length: 1 + (n % 5) }, (_, step) => `c${n}.${step}`);
    const chains = Array.from({ length: 40 }, (_, n) => chain(n));
    const lines = chains.flatMap((ids) => ids.slice(1).map((to, n) => ({ from: ids[n] ?? '', to })));
    for (const direction of ['TB', 'LR'] as const) {
      const places = placeGraph(chains.flat(), lines, direction);
      const boxes = chains.map((ids) => {
        const at = ids.map((id) => places.get(id) as { x: number; y: number });
        const [left, top] = [Math.min(...at.map(({ x }) => x)), Math.min(...at.map(({ y }) => y))];
        const right = Math.max(...at.map(({ x }) => x)) + placedSize.width;
        return { left, top, right, bottom: Math.max(...at.map(({ y }) => y)) + placedSize.height };
      });
      const apart = (a: (typeof boxes)[number], b: (typeof boxes)[number]) =>
        a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
      expect(boxes.flatMap((a, n) => boxes.slice(n + 1).filter((b) => !apart(a, b)))).toEqual([]);
      const ratio = Math.max(...boxes.map(({ right }) => right)) / Math.max(...boxes.map(({ bottom }) => bottom));
      expect(ratio).toBeGreaterThan(1);
      expect(ratio).toBeLessThan(3);
      expect(new Set(boxes.map(({ top }) => top)).size).toBeGreaterThan(2);
    }
    expect(placeGraph([], [], 'TB').size).toBe(0);
  });
});
