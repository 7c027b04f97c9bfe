/** The nodes that each node waits for. A dependency that is not a key of the graph is ignored. */
export type DependencyGraph = Readonly<Record<string, readonly string[]>>;

/** A chain of nodes in the order in which they run, and the sum of their weights. */
export interface Chain {
  path: string[];
  total: number;
}

/**
 * Looks for a cycle by depth-first search, in the order of the keys.
 * @returns the first one found as a closed path such as `['A', 'B', 'A']`, or undefined.
 */
export function findCycle(graph: DependencyGraph): string[] | undefined {
  const nodes = new Map(Object.entries(graph));
  const finished = new Set<string>();
  const path: string[] = [];

  const visit = (id: string): string[] | undefined => {
    const start = path.indexOf(id);
    if (start >= 0) return [...path.slice(start), id];
    if (finished.has(id)) return undefined;
    path.push(id);
    for (const next of nodes.get(id) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    finished.add(id);
    return undefined;
  };

  for (const id of nodes.keys()) {
    const cycle = visit(id);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Whether one node waits for another, directly or through others. */
export function reaches(graph: DependencyGraph, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const next of graph[id] ?? []) {
      if (next === to) return true;
      if (!seen.has(next)) open.push(next);
      seen.add(next);
    }
  return false;
}

/** Nodes grouped by the earliest step in which they can run. Nodes on a cycle, or behind one, are left out. */
export function topologicalLayers(graph: DependencyGraph): string[][] {
  let waiting = Object.entries(graph);
  const known = new Set(waiting.map(([id]) => id));
  const done = new Set<string>();
  const layers: string[][] = [];
  for (;;) {
    const ready = waiting
      .filter(([, dependencies]) => dependencies.every((id) => done.has(id) || !known.has(id)))
      .map(([id]) => id);
    if (ready.length === 0) return layers;
    ready.forEach((id) => done.add(id));
    waiting = waiting.filter(([id]) => !done.has(id));
    layers.push(ready);
  }
}

/**
 * The heaviest chain of dependencies; among equally heavy ones the longer, then the first one found.
 * @param weightOf weight of a node, at least 0. By default every node weighs 1, which gives the longest chain.
 */
export function criticalPath(graph: DependencyGraph, weightOf: (id: string) => number = () => 1): Chain {
  const nodes = new Map(Object.entries(graph));
  const best = new Map<string, Chain>();
  let heaviest: Chain = { path: [], total: 0 };
  for (const id of topologicalLayers(graph).flat()) {
    let before: Chain = { path: [], total: 0 };
    for (const dependency of nodes.get(id) ?? []) {
      const chain = best.get(dependency);
      if (chain && outweighs(chain, before)) before = chain;
    }
    const own = { path: [...before.path, id], total: before.total + weightOf(id) };
    best.set(id, own);
    if (outweighs(own, heaviest)) heaviest = own;
  }
  return heaviest;
}

function outweighs(a: Chain, b: Chain): boolean {
  return a.total > b.total || (a.total === b.total && a.path.length > b.path.length);
}
