import { Link } from '@remix-run/react';
import { plural } from '../../lib/format.ts';
import { Badge, StatusBadge } from '../badge.tsx';
import { Card, Empty } from '../card.tsx';
import { Table, type Column } from '../table.tsx';

interface Graph {
  nodes: { id: string; kind: string; label: string; title: string; status: string }[];
  edges: { from: string; to: string; kind: string }[];
  critical_path: string[];
}

/** The dependency graph as a table: the dependencies of each task, and the tasks on the longest chain. */
export function GraphTable({ graph }: { graph: Graph }) {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const tasks = graph.nodes.filter((node) => node.kind === 'task');
  const before = new Map<string, string[]>();
  for (const edge of graph.edges)
    if (edge.kind === 'depends_on')
      before.set(edge.to, [...(before.get(edge.to) ?? []), byId.get(edge.from)?.label ?? '']);
  const critical = new Set(graph.critical_path);
  const columns: Column<Graph['nodes'][number]>[] = [
    {
      id: 'key',
      head: 'Task',
      cell: (task) => <span className="figures text-xs text-muted">{task.label}</span>,
    },
    {
      id: 'title',
      head: 'Title',
      main: true,
      cell: (task) => (
        <span className="flex items-center gap-2">
          <span className="min-w-0 break-words">{task.title}</span>
          {critical.has(task.id) && (
            <Badge tone="warn" title="On the longest chain">
              chain
            </Badge>
          )}
        </span>
      ),
    },
    { id: 'status', head: 'Status', cell: (task) => <StatusBadge status={task.status} /> },
    {
      id: 'after',
      head: 'After',
      from: 'sm',
      cell: (task) => (
        <span className="figures block max-w-56 truncate text-xs text-muted">
          {before.get(task.id)?.join(', ') ?? 'nothing'}
        </span>
      ),
    },
  ];
  if (tasks.length === 0)
    return <Empty title="No tasks yet">The plan of a spec creates tasks and their dependencies.</Empty>;
  return (
    <Card
      className="mt-4"
      title="Dependencies"
      flush
      aside={
        <span className="text-xs text-muted">
          {plural(tasks.length, 'task')}, longest chain <span className="figures">{graph.critical_path.length}</span>
        </span>
      }
    >
      <Table label="Dependencies of tasks" columns={columns} rows={tasks} />
      <p className="border-t px-4 py-2 text-xs text-muted">
        To see the tickets of these tasks, open the{' '}
        <Link to="/board/all?of=tickets" className="underline underline-offset-2">
          board
        </Link>
        .
      </p>
    </Card>
  );
}
