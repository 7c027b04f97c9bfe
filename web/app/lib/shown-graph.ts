import type { Answer } from '#server/contracts/client.ts';
import type { projectGraph } from '#server/contracts/graph.ts';

type Graph = Answer<typeof projectGraph>;
export type GraphNode = Graph['nodes'][number];

/** What a line between two nodes says. */
type LineKind = 'after' | 'found' | 'part' | 'blocks';

export interface GraphLine {
  id: string;
  from: string;
  to: string;
  kind: LineKind;
  /** It belongs to the longest chain of tasks. */
  chain: boolean;
}

export interface GraphChoice {
  show: 'all' | 'tasks' | 'tickets';
  /** Without what is finished. */
  open: boolean;
  /** Only this node and its neighbours. */
  near?: string;
}

/** What failed can be retried: it is still open. */
const finished = ['completed', 'done', 'cancelled', 'resolved', 'invalid'];

const kindOf: Record<string, LineKind> = {
  depends_on: 'after',
  ticket_blocks: 'blocks',
  ticket_contains: 'part',
  spawned_from: 'found',
  parent_child: 'found',
  fixed_by: 'found',
  rechecked_by: 'found',
};

/**
 * The part of a graph that is chosen. A line that follows from others is left out: a ticket leads to its first tasks
 * alone, and a discovery stands between its source and the task that it created.
 */
export function shownGraph(graph: Graph, choice: GraphChoice): { nodes: GraphNode[]; lines: GraphLine[] } {
  const wanted = graph.nodes.filter(
    (node) =>
      (choice.show === 'all' || (choice.show === 'tasks' ? node.kind === 'task' : node.kind === 'ticket')) &&
      (!choice.open || !finished.includes(node.status) || node.id === choice.near),
  );
  const known = new Map(wanted.map((node) => [node.id, node]));
  const next = new Set(graph.critical_path.slice(1).map((id, index) => `${graph.critical_path[index]} ${id}`));
  const drawn = graph.edges.filter(({ from, to }) => known.has(from) && known.has(to));
  const targets = (kind: string) => new Set(drawn.filter((edge) => edge.kind === kind).map(({ to }) => to));
  const found = targets('spawned_from');
  const later = targets('depends_on');
  const lines = drawn
    .filter(
      ({ kind, to }) =>
        !(kind === 'parent_child' && found.has(to)) &&
        !(kind === 'ticket_contains' && (later.has(to) || found.has(to))),
    )
    .map(({ from, to, kind }) => ({
      id: `${kind} ${from} ${to}`,
      from,
      to,
      kind: kindOf[kind] ?? ('after' as const),
      chain: kind === 'depends_on' && next.has(`${from} ${to}`),
    }));
  if (!choice.near || !known.has(choice.near)) return { nodes: wanted, lines };
  const near = neighbours(lines, choice.near).add(choice.near);
  return {
    nodes: wanted.filter(({ id }) => near.has(id)),
    lines: lines.filter(({ from, to }) => near.has(from) && near.has(to)),
  };
}

/** The nodes at the other ends of a node's lines. */
export const neighbours = (lines: readonly GraphLine[], id: string): Set<string> =>
  new Set(lines.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : [])));

/** Nodes whose label or title contains the text, in the order of the graph. */
export function foundNodes(nodes: readonly GraphNode[], text: string): GraphNode[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return nodes.filter(({ label, title }) => `${label} ${title}`.toLowerCase().includes(wanted));
}

/** What comes before a node, in words. */
export function relationsOf(lines: readonly GraphLine[], byId: ReadonlyMap<string, GraphNode>, id: string): string[] {
  const words: Record<LineKind, string> = {
    after: 'after',
    found: 'discovered by',
    part: 'part of',
    blocks: 'blocked by',
  };
  const own = lines.filter(({ to }) => to === id);
  return (Object.keys(words) as LineKind[]).flatMap((kind) => {
    const from = own.flatMap((line) => (line.kind === kind ? (byId.get(line.from)?.label ?? []) : []));
    return from.length > 0 ? [`${words[kind]} ${from.join(', ')}`] : [];
  });
}

/** Its run, or, before it has one, its ticket. */
export const nodeAddress = (projectId: string, { run_id, ticket_id }: GraphNode): string =>
  run_id ? `/runs/${run_id}` : `/board/${projectId}/${ticket_id}`;
