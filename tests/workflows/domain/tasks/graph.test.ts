import fc from 'fast-check';
import { criticalPath, findCycle, topologicalLayers } from '#workflows/domain/tasks/graph.ts';

const chain = { A: [], B: ['A'], C: ['B'], D: [] };

/** Any graph over the nodes 0 to n-1; the second one has edges to smaller numbers only, so no cycle. */
const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 40 });
const toGraph = (pairs: [number, number][]) =>
  Object.fromEntries(
    Array.from({ length: 12 }, (_, node) => [
      `n${node}`,
      pairs.filter(([from]) => from === node).map(([, to]) => `n${to}`),
    ]),
  );
const anyGraph = edges.map(toGraph);
const acyclicGraph = edges.map((pairs) => toGraph(pairs.filter(([from, to]) => to < from)));

describe('[PLAN-13] cycles', () => {
  test('a cycle is named as a closed path', () => {
    expect(findCycle({ A: ['B'], B: ['C'], C: ['A'] })).toEqual(['A', 'B', 'C', 'A']);
    expect(findCycle({ D: ['A'], A: ['B'], B: ['A'] })).toEqual(['A', 'B', 'A']);
    expect(findCycle({ A: ['A'] })).toEqual(['A', 'A']);
  });

  test('two ways to one node are no cycle, and unknown nodes are ignored', () => {
    expect(findCycle({ A: ['B', 'C'], B: ['D'], C: ['D'], D: ['X'] })).toBeUndefined();
  });

  test('whatever is reported is a way along the edges back to its start', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const cycle = findCycle(graph) ?? [];
        expect(cycle.slice(1).every((node, index) => graph[cycle[index] ?? '']?.includes(node))).toBe(true);
        expect(cycle[0]).toBe(cycle.at(-1));
      }),
    );
  });

  test('a cycle is found exactly where not all nodes can be put in order', () => {
    fc.assert(
      fc.property(anyGraph, (graph) =>
        expect(findCycle(graph) === undefined).toBe(topologicalLayers(graph).flat().length === 12),
      ),
    );
    fc.assert(fc.property(acyclicGraph, (graph) => expect(findCycle(graph)).toBeUndefined()));
  });
});

describe('[PLAN-14] layers', () => {
  test('a node is in the first layer after all nodes that it waits for', () => {
    expect(topologicalLayers(chain)).toEqual([['A', 'D'], ['B'], ['C']]);
    fc.assert(
      fc.property(acyclicGraph, (graph) => {
        const layers = topologicalLayers(graph);
        const layerOf = (id: string) => layers.findIndex((layer) => layer.includes(id));
        for (const [id, dependencies] of Object.entries(graph))
          expect(layerOf(id)).toBe(1 + Math.max(-1, ...dependencies.map(layerOf)));
      }),
    );
  });

  test('what waits for a cycle is left out', () => {
    expect(topologicalLayers({ A: ['B'], B: ['A'], C: ['A'], D: [] })).toEqual([['D']]);
  });
});

describe('[MERGE-06] critical path', () => {
  test('A > B > C and D give A, B, C', () => {
    expect(criticalPath(chain)).toEqual({ path: ['A', 'B', 'C'], total: 3 });
  });

  test('weights decide, then length', () => {
    const weights: Record<string, number> = { A: 1, B: 1, C: 1, D: 4 };
    expect(criticalPath(chain, (id) => weights[id] ?? 0)).toEqual({ path: ['D'], total: 4 });
    expect(criticalPath(chain, () => 0)).toEqual({ path: ['A', 'B', 'C'], total: 0 });
    expect(criticalPath({})).toEqual({ path: [], total: 0 });
  });

  test('no chain is heavier', () => {
    const heaviest = (graph: Record<string, string[]>, id: string): number =>
      1 + Math.max(0, ...(graph[id] ?? []).map((next) => heaviest(graph, next)));
    fc.assert(
      fc.property(acyclicGraph, (graph) =>
        expect(criticalPath(graph).total).toBe(Math.max(...Object.keys(graph).map((id) => heaviest(graph, id)))),
      ),
      { numRuns: 50 },
    );
  });
});
