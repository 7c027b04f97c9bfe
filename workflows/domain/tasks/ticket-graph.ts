import type { DependencyGraph } from './graph.ts';

/** A task or a ticket with its declared order. */
export interface Ordered {
  id: string;
  /** Ids of the items that it waits for. */
  after: readonly string[];
  /** Ids of the items that wait for it. */
  before: readonly string[];
}

/** Who waits for whom: an item waits for those that it names, and for those that name it as waiting. */
export function waitsOf(items: readonly Ordered[]): DependencyGraph {
  return Object.fromEntries(
    items.map(({ id, after }) => [
      id,
      [...new Set([...after, ...items.filter((other) => other.before.includes(id)).map((other) => other.id)])],
    ]),
  );
}

/**
 * Who waits for whom among tickets: a ticket also waits for each ticket with a task that one of its own tasks waits
 * for.
 * @param declared the order that the tickets declare.
 * @param tasks who waits for whom among all their tasks.
 */
export function ticketWaits(
  declared: DependencyGraph,
  tasks: DependencyGraph,
  ticketOf: ReadonlyMap<string, string | undefined>,
): DependencyGraph {
  return Object.fromEntries(
    Object.entries(declared).map(([id, own]) => {
      const crossing = Object.entries(tasks)
        .filter(([task]) => ticketOf.get(task) === id)
        .flatMap(([, waits]) => waits.flatMap((other) => ticketOf.get(other) ?? []));
      return [id, [...new Set([...own, ...crossing.filter((other) => other !== id)])]];
    }),
  );
}

/** A task of a ticket, or a ticket of a spec. It starts once every node that it waits for is joined. */
export interface GraphNode {
  id: string;
  title: string;
  /** Ids of the nodes that it waits for. An id that is not in the graph is ignored. */
  waits_for: readonly string[];
  /** It also waits for work outside the graph. */
  waits_outside: boolean;
  /** Work outside the graph that it waits for was cancelled. */
  outside_cancelled?: boolean;
  /** It starts once so many of those that it waits for are joined; undefined: all. */
  quorum?: number;
  /** How many nodes outside the graph it waits for that are not done. Read with a quorum. */
  outside_open?: number;
  /** Its work is in the branch that the graph's nodes are joined into. */
  joined: boolean;
  /** It will never be joined: a node that waits for it cannot start. */
  cancelled: boolean;
}

/** Nodes by their id. */
export type TicketGraph = ReadonlyMap<string, GraphNode>;

/** The progress of the work on a graph. */
export interface GraphWork {
  /** Ids of nodes whose work has started. */
  started: ReadonlySet<string>;
  /** Ids of started nodes that wait for a person, and why. */
  stuck: ReadonlyMap<string, string>;
  /** Ids of started nodes whose work ended without a result, and why. */
  broken?: ReadonlyMap<string, string>;
  /** Ids of started nodes that cannot continue before another node is joined. */
  suspended?: ReadonlySet<string>;
  /** Nodes are being joined. */
  joining?: boolean;
  /** Why joining failed and waits for a person. */
  failed?: string;
}

/** Why a graph cannot continue without a person. */
export type Blockage =
  | { kind: 'failed'; message: string }
  | { kind: 'broken' | 'stuck'; messages: string[] }
  | { kind: 'waits_for_cancelled'; node: GraphNode };

/** Nodes that are neither joined nor cancelled. */
export const openNodes = (graph: TicketGraph): GraphNode[] =>
  [...graph.values()].filter((node) => !node.joined && !node.cancelled);

/** How many of those that a node waits for are done. */
export const doneBefore = (graph: TicketGraph, { waits_for, outside_open = 0 }: GraphNode): number =>
  waits_for.filter((id) => graph.get(id)?.joined ?? true).length - outside_open;

const isReady = (graph: TicketGraph, node: GraphNode) =>
  node.quorum === undefined
    ? !node.waits_outside && node.waits_for.every((id) => graph.get(id)?.joined ?? true)
    : doneBefore(graph, node) >= node.quorum;

/** Something that it waits for was cancelled, so that it can never start. */
function isCutOff(graph: TicketGraph, { waits_for, outside_cancelled, quorum }: GraphNode): boolean {
  const cancelled = waits_for.filter((id) => graph.get(id)?.cancelled).length + Number(outside_cancelled ?? false);
  return quorum === undefined ? cancelled > 0 : waits_for.length - cancelled < quorum;
}

/** Nodes whose work can start now, in the order of the graph. */
export const readyNodes = (graph: TicketGraph, started: ReadonlySet<string>): GraphNode[] =>
  openNodes(graph).filter((node) => !started.has(node.id) && isReady(graph, node));

/**
 * Why nothing can continue without a person; undefined while anything can.
 * @param open the nodes that count as unfinished work, `openNodes` as a rule.
 */
export function blockedReason(graph: TicketGraph, open: readonly GraphNode[], work: GraphWork): Blockage | undefined {
  if (work.failed) return { kind: 'failed', message: work.failed };
  if (work.broken && work.broken.size > 0) return { kind: 'broken', messages: [...work.broken.values()] };
  if (work.joining) return undefined;
  const atWork = (node: GraphNode) =>
    work.started.has(node.id) && !work.stuck.has(node.id) && !work.suspended?.has(node.id);
  if (open.some(atWork)) return undefined;
  if (work.stuck.size > 0) return { kind: 'stuck', messages: [...work.stuck.values()] };
  const node = open.find((candidate) => !work.started.has(candidate.id) && isCutOff(graph, candidate));
  return node && { kind: 'waits_for_cancelled', node };
}
