import '@xyflow/react/dist/base.css';
import { Link, useSearchParams } from '@remix-run/react';
import {
  Controls,
  Handle,
  MarkerType,
  MiniMap,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react';
import { Waypoints } from 'lucide-react';
import { memo, useEffect, useMemo, useState } from 'react';
import { neighbours, relationsOf, type GraphLine, type GraphNode } from '../../lib/shown-graph.ts';
import { placedSize, placeGraph, type Direction } from '../../lib/placed-graph.ts';
import { statusOf } from '../../lib/status.ts';
import { StatusBadge } from '../badge.tsx';

type Drawn = Node<{ node: GraphNode; to: string; words: string; mark: 'found' | 'near' | 'faint' | 'plain' }>;

const priorityEdge: Record<string, string> = {
  CRITICAL: 'border-l-bad',
  HIGH: 'border-l-warn',
  MEDIUM: 'border-l-line-strong',
  LOW: 'border-l-line',
};
const marks = { found: 'ring-2 ring-focus', near: 'ring-2 ring-line-strong', faint: 'opacity-35', plain: '' };
const kindWords: Record<string, string> = { ticket: 'Ticket', task: 'Task', discovery: 'Discovery' };

const Card = memo(function Card({ data, sourcePosition, targetPosition }: NodeProps<Drawn>) {
  const { node, to, words, mark } = data;
  const [search] = useSearchParams();
  const near = new URLSearchParams(search);
  near.set('near', node.id);
  return (
    <div
      className={`relative flex size-full flex-col justify-between rounded-md border border-l-4 px-2.5 py-1.5 text-left ${node.kind === 'ticket' ? 'bg-subtle' : 'bg-card'} ${node.kind === 'discovery' ? 'border-dashed' : ''} ${priorityEdge[node.priority ?? ''] ?? 'border-l-line'} ${marks[mark]}`}
    >
      <Handle type="target" position={targetPosition ?? Position.Top} isConnectable={false} className="invisible" />
      <Link
        to={to}
        draggable={false}
        title={node.title}
        data-node={node.id}
        className="line-clamp-2 text-xs leading-4 break-words after:absolute after:inset-0"
      >
        <span className="sr-only">{kindWords[node.kind] ?? node.kind} </span>
        <span className="figures text-muted">{node.label}</span> {node.title}
        {words && <span className="sr-only">, {words}</span>}
      </Link>
      <span className="flex items-center justify-between gap-2">
        <StatusBadge status={node.status} />
        <Link
          to={{ search: `?${near}` }}
          aria-label={`Only ${node.label} and its neighbours`}
          title="Only this and its neighbours"
          draggable={false}
          className="relative z-10 inline-flex size-6 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text"
        >
          <Waypoints aria-hidden className="size-3.5" />
        </Link>
      </span>
      <Handle type="source" position={sourcePosition ?? Position.Bottom} isConnectable={false} className="invisible" />
    </div>
  );
});
const nodeTypes = { card: Card };

const dashes = { after: undefined, blocks: undefined, found: '5 4', part: '1 4' };

export interface ProjectGraphProps {
  nodes: GraphNode[];
  lines: GraphLine[];
  direction: Direction;
  /** Ids of the nodes that a search found; undefined without a search. */
  found?: readonly string[];
  /** The node in the middle. A new number moves to it again. */
  centre?: { id: string; step: number };
  addressOf: (node: GraphNode) => string;
}

/** The nodes with their lines, to pan and to zoom. Loaded by the browser alone. */
export default function ProjectGraph(props: ProjectGraphProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ nodes, lines, direction, found, centre, addressOf }: ProjectGraphProps) {
  const flow = useReactFlow();
  const [over, setOver] = useState<string>();
  // A change of a state alone moves nothing.
  const shape = JSON.stringify([direction, nodes.map(({ id }) => id), lines.map(({ from, to }) => [from, to])]);
  const places = useMemo(() => {
    const [way, ids, pairs] = JSON.parse(shape) as [Direction, string[], [string, string][]];
    return placeGraph(
      ids,
      pairs.map(([from, to]) => ({ from, to })),
      way,
    );
  }, [shape]);
  const plain = useMemo(() => {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const across = direction === 'LR';
    return nodes.map((node): Drawn => ({
      id: node.id,
      type: 'card',
      position: places.get(node.id) ?? { x: 0, y: 0 },
      ...placedSize,
      sourcePosition: across ? Position.Right : Position.Bottom,
      targetPosition: across ? Position.Left : Position.Top,
      data: { node, to: addressOf(node), words: relationsOf(lines, byId, node.id).join('; '), mark: 'plain' },
    }));
  }, [nodes, lines, places, direction, addressOf]);
  const drawn = useMemo(() => {
    const hits = found && new Set(found);
    const near = over === undefined ? undefined : neighbours(lines, over);
    return plain.map((one) => {
      const mark = hits ? (hits.has(one.id) ? 'found' : 'faint') : near?.has(one.id) ? 'near' : 'plain';
      return mark === 'plain' ? one : { ...one, data: { ...one.data, mark } as Drawn['data'] };
    });
  }, [plain, lines, found, over]);
  const edges = useMemo(
    () =>
      lines.map((line): Edge => {
        const strong = line.chain || line.from === over || line.to === over;
        const colour = `var(--color-${line.kind === 'blocks' ? 'bad' : strong ? 'text' : 'muted'})`;
        return {
          id: line.id,
          source: line.from,
          target: line.to,
          selectable: false,
          zIndex: strong ? 1 : 0,
          style: { stroke: colour, strokeWidth: strong ? 2 : 1.25, strokeDasharray: dashes[line.kind] },
          markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 14, height: 14 },
        };
      }),
    [lines, over],
  );
  useEffect(() => {
    const at = centre && places.get(centre.id);
    if (at)
      void flow.setCenter(at.x + placedSize.width / 2, at.y + placedSize.height / 2, {
        zoom: Math.max(1, flow.getZoom()),
      });
  }, [centre, places, flow]);
  useEffect(() => void flow.fitView({ maxZoom: 1, padding: 0.1 }), [shape, flow]);
  return (
    <ReactFlow
      nodes={drawn}
      edges={edges}
      nodeTypes={nodeTypes}
      onlyRenderVisibleElements={nodes.length > 400}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      deleteKeyCode={null}
      minZoom={0.05}
      maxZoom={1.5}
      fitView
      fitViewOptions={{ maxZoom: 1, padding: 0.1 }}
      onNodeMouseEnter={(_event, { id }) => setOver(id)}
      onNodeMouseLeave={() => setOver(undefined)}
      onFocus={({ target }) => {
        const id = target.dataset.node;
        setOver(id);
        // The node that the keys reach comes into view.
        const at = id && target.matches(':focus-visible') ? places.get(id) : undefined;
        if (at)
          void flow.setCenter(at.x + placedSize.width / 2, at.y + placedSize.height / 2, { zoom: flow.getZoom() });
      }}
      className="[&_.react-flow\_\_attribution]:!bg-side [&_.react-flow\_\_attribution_a]:!text-muted"
    >
      <Controls
        showInteractive={false}
        className="overflow-hidden rounded-md border bg-card [&_button]:flex [&_button]:size-8 [&_button]:items-center [&_button]:justify-center [&_button]:hover:bg-hover [&_svg]:size-3 [&_svg]:fill-text"
      />
      <MiniMap<Drawn>
        pannable
        zoomable
        ariaLabel="Map of the graph"
        className="!hidden overflow-hidden rounded-md border md:!block"
        bgColor="var(--color-side)"
        maskColor="light-dark(rgb(0 0 0 / 0.08), rgb(255 255 255 / 0.08))"
        nodeColor={({ data }) => `var(--color-${mapColour[statusOf(data.node.status).tone]})`}
      />
    </ReactFlow>
  );
}

const mapColour = {
  neutral: 'line-strong',
  working: 'gold-deep',
  good: 'good-fill',
  warn: 'warn-fill',
  bad: 'bad-fill',
  info: 'info-fill',
  merged: 'info-fill',
} as const;
