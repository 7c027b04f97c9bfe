import { relationsOf, type GraphLine, type GraphNode } from '../../lib/shown-graph.ts';
import { Badge, StatusBadge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { Table, type Column } from '../table.tsx';

/** The dependency graph as a table: what comes before each node, and which tasks are on the longest chain. */
export function GraphTable({
  nodes,
  lines,
  chain,
  addressOf,
}: {
  nodes: GraphNode[];
  lines: GraphLine[];
  chain: readonly string[];
  addressOf: (node: GraphNode) => string;
}) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const longest = new Set(chain);
  const columns: Column<GraphNode>[] = [
    {
      id: 'key',
      head: 'Key',
      cell: (node) => <span className="figures text-xs text-muted">{node.label.replace(/_/g, ' ')}</span>,
    },
    {
      id: 'title',
      head: 'Title',
      main: true,
      cell: (node) => (
        <span className="flex items-center gap-2">
          <span className="min-w-0 break-words">{node.title}</span>
          {longest.has(node.id) && (
            <Badge tone="warn" title="On the longest chain">
              chain
            </Badge>
          )}
        </span>
      ),
    },
    { id: 'kind', head: 'Kind', from: 'md', cell: (node) => node.kind },
    { id: 'status', head: 'Status', cell: (node) => <StatusBadge status={node.status} /> },
    {
      id: 'before',
      head: 'Before it',
      from: 'sm',
      cell: (node) => (
        <span className="figures block max-w-72 truncate text-xs text-muted">
          {relationsOf(lines, byId, node.id).join('; ') || 'nothing'}
        </span>
      ),
    },
  ];
  return (
    <Card flush>
      <Table label="Dependencies" columns={columns} rows={nodes} to={addressOf} />
    </Card>
  );
}
